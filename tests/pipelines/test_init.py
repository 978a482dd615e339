"""`oneid init` on folders of files."""

import gzip
from pathlib import Path

import pytest

from core.errors import ProjectError, SourceError
from core.project import Project
from pipelines.cli.init import propose_specs
from sources.spec import load_spec, load_specs

CRM = "客户编号,姓名,手机\n1,张伟,13812345678\n2,李娜,13912345678\n"


def deliver(root: Path, path: str, content: bytes) -> None:
    file = root / "landing" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def test_encoding_and_delimiter_of_a_csv_are_found(tmp_path: Path) -> None:
    deliver(tmp_path, "crm/a.csv", CRM.replace(",", ";").encode("gb18030"))
    propose_specs(tmp_path)
    spec = load_spec(tmp_path / "sources" / "crm.yml")
    assert (spec.format.encoding, spec.format.delimiter, spec.key) == ("gb18030", ";", "客户编号")
    assert dict(spec.identity) == {"full_name": ("姓名",), "phone": ("手机",)}


def test_western_letters_are_not_taken_for_chinese(tmp_path: Path) -> None:
    rows = "id;name;street\n1;Jürgen Weiß;Hauptstraße 5\n2;Zoë Größer;Rue de l'Été 7\n"
    deliver(tmp_path, "crm/a.csv", rows.encode("cp1252"))
    propose_specs(tmp_path)
    assert load_spec(tmp_path / "sources" / "crm.yml").format.encoding == "cp1252"


def test_compressed_json_lines_are_read(tmp_path: Path) -> None:
    deliver(tmp_path, "web/a.jsonl.gz", gzip.compress(b'{"id": 1, "email": "a@x.org"}\n'))
    propose_specs(tmp_path)
    assert load_spec(tmp_path / "sources" / "web.yml").identity == {"email": ("email",)}


def test_proposed_project_loads_as_it_is(tmp_path: Path) -> None:
    deliver(tmp_path, "客户/a.csv", CRM.encode())
    propose_specs(tmp_path)
    assert load_specs(Project(tmp_path))["ke_hu"].folder == "客户"


def test_spec_that_is_there_is_not_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deliver(tmp_path, "crm/a.csv", CRM.encode())
    propose_specs(tmp_path)
    spec = tmp_path / "sources" / "crm.yml"
    spec.write_text(spec.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    propose_specs(tmp_path)
    assert spec.read_text(encoding="utf-8").endswith("# mine\n")
    assert "has a spec already" in capsys.readouterr().out


def test_folder_of_a_default_source_needs_no_spec(tmp_path: Path) -> None:
    deliver(tmp_path, "registration/a.csv", b"registration_id\n1\n")
    propose_specs(tmp_path)
    assert not (tmp_path / "sources").exists()


def test_empty_project_says_where_files_go(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="landing/<source>/"):
        propose_specs(tmp_path)


def test_what_cannot_be_understood_does_not_stop_the_rest(tmp_path: Path) -> None:
    deliver(tmp_path, "a/a.csv", b"name\nAnn\nAnn\n")
    deliver(tmp_path, "b/b.csv", CRM.encode())
    with pytest.raises(SourceError, match="landing/a: no column names a row"):
        propose_specs(tmp_path)
    assert (tmp_path / "sources" / "b.yml").is_file()
    assert not (tmp_path / "sources" / "a.yml").exists()
