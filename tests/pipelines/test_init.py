"""`oneid init` on folders of files."""

import gzip
from pathlib import Path

import pytest

from assets.settings import checked_specs
from core.errors import ProjectError, SourceError
from core.project import Project
from pipelines.cli.init import propose_specs
from resolution.model import load_model
from sources.spec import load_spec

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


def test_a_list_of_withdrawn_keys_says_nothing_about_the_fields(tmp_path: Path) -> None:
    deliver(tmp_path, "crm/a.withdrawn.csv", b"id\n1\n")
    deliver(tmp_path, "crm/b.csv", CRM.encode())
    propose_specs(tmp_path)
    assert load_spec(tmp_path / "sources" / "crm.yml").key == "客户编号"


def test_proposed_project_loads_as_it_is(tmp_path: Path) -> None:
    deliver(tmp_path, "客户/a.csv", CRM.encode())
    propose_specs(tmp_path)
    assert checked_specs(Project(tmp_path))["ke_hu"].folder == "客户"


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


def test_columns_the_default_model_lacks_are_compared_by_a_model_that_extends_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "id,first_name,last_name,passport_no,place_of_birth,job\n1,Ann,Roe,P1234567,Ulm,cook\n"
    deliver(tmp_path, "crm/a.csv", rows.encode())
    propose_specs(tmp_path)
    model = load_model(Project(tmp_path))
    own = {"passport_number": "identifier", "birth_place": "words", "job_title": "text"}
    assert {name: model.comparisons[name].kind for name in own} == own
    assert "name" in model.comparisons
    assert set(checked_specs(Project(tmp_path))) == {"crm"}
    told = capsys.readouterr().out
    assert "passport_no -> passport_number" in told
    assert "also compares: passport_number, birth_place, job_title" in told


def test_default_model_that_lacks_nothing_is_not_written_again(tmp_path: Path) -> None:
    deliver(tmp_path, "crm/a.csv", CRM.encode())
    propose_specs(tmp_path)
    assert not (tmp_path / "customer.yml").exists()


SSN = "id,name,ssn\n1,Ann Roe,123-45-6789\n2,Bo Lindt,223-45-6789\n"
NATIONAL = "id,name,national_id,ssn\n1,Ann Roe,A1234,\n2,Bo Lindt,B1234,323-45-6789\n"


def test_the_only_national_number_is_the_national_id_of_the_default_model(tmp_path: Path) -> None:
    deliver(tmp_path, "a/a.csv", SSN.encode())
    propose_specs(tmp_path)
    assert checked_specs(Project(tmp_path))["a"].identity["national_id"] == ("ssn",)
    assert not (tmp_path / "customer.yml").exists()


def test_two_kinds_of_national_number_are_never_taken_for_one(tmp_path: Path) -> None:
    deliver(tmp_path, "a/a.csv", SSN.encode())
    deliver(tmp_path, "b/b.csv", NATIONAL.encode())
    propose_specs(tmp_path)
    specs = checked_specs(Project(tmp_path))
    assert specs["a"].identity["social_security_number"] == ("ssn",)
    assert specs["b"].identity["social_security_number"] == ("ssn",)
    assert specs["b"].identity["national_id"] == ("national_id",)


def test_a_kind_of_number_keeps_its_attribute_when_a_source_comes_later(tmp_path: Path) -> None:
    deliver(tmp_path, "b/b.csv", NATIONAL.replace(",ssn\n", ",other\n").encode())
    propose_specs(tmp_path)
    deliver(tmp_path, "a/a.csv", SSN.encode())
    propose_specs(tmp_path)
    specs = checked_specs(Project(tmp_path))
    assert "national_id" not in specs["a"].identity
    assert specs["a"].identity["social_security_number"] == ("ssn",)


def test_own_model_is_not_touched_and_specs_keep_to_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "customer.yml").write_text("extends: default\n", encoding="utf-8")
    deliver(tmp_path, "crm/a.csv", b"id,name,passport_no\n1,Ann Roe,P1234567\n")
    propose_specs(tmp_path)
    assert (tmp_path / "customer.yml").read_text(encoding="utf-8") == "extends: default\n"
    assert set(checked_specs(Project(tmp_path))["crm"].identity) == {"full_name"}
    assert "passport_no: customer.yml has no attribute passport_number" in capsys.readouterr().out


GUIDE = (
    "id,name,addr,city,phone,cuisine\n"
    "1,The Blue Lantern Grill,10 Station St,Leeds,0113 496 0013,Fish\n"
    "2,Crooked Kettle Bar,4 Mill St,York,01904 496 014,Thai\n"
)


def test_a_list_of_restaurants_gets_a_model_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deliver(tmp_path, "guide/a.csv", GUIDE.encode())
    propose_specs(tmp_path)
    model = load_model(Project(tmp_path))
    assert {name: item.kind for name, item in model.comparisons.items()} == {
        "name": "words",
        "phone": "phone",
        "type": "text",
        "address": "address",
    }
    assert model.without_duplicates == ()
    assert "without_duplicates: [guide]" in capsys.readouterr().out
    assert "full_name" not in checked_specs(Project(tmp_path))["guide"].identity


def test_a_list_of_things_beside_people_is_no_evidence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deliver(tmp_path, "guide/a.csv", GUIDE.encode())
    deliver(tmp_path, "crm/a.csv", CRM.encode())
    propose_specs(tmp_path)
    assert checked_specs(Project(tmp_path))["guide"].identity == {}
    assert "its rows are no people" in capsys.readouterr().out


def test_a_table_that_says_nothing_of_anybody_is_told_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deliver(tmp_path, "sums/a.csv", b"id,amount,colour\n1,5,red\n")
    propose_specs(tmp_path)
    assert load_spec(tmp_path / "sources" / "sums.yml").identity == {}
    assert "docs/howto/other-entities.md" in capsys.readouterr().out
