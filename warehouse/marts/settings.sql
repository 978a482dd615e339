CREATE OR REPLACE TABLE marts.settings AS
SELECT setting, value FROM work.listed_settings ORDER BY setting;

COMMENT ON TABLE marts.settings IS 'One row a cut-off that the marts of this release were built with, from marts.yml.';
COMMENT ON COLUMN marts.settings.setting IS 'Its path in marts.yml; as_of is the date ages are counted to';
COMMENT ON COLUMN marts.settings.value IS 'Its value as JSON';
