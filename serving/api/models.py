"""What the API's answers look like, for its description."""

from pydantic import BaseModel, ConfigDict, Field, JsonValue

CUSTOMER_EXAMPLE: dict[str, JsonValue] = {
    "entity_id": "C-001CWVNVDZR9V",
    "full_name": "李志忆",
    "name_latin": "Li Zhiyi",
    "phone": "+8615041343524",
    "city": "北京",
    "record_count": 8,
    "sources": ["registration", "social"],
    "last_seen_at": "2026-11-20T08:14:00Z",
}


class Customer(BaseModel):
    """A golden record: the fields that were asked for, by default every column of
    golden.customers."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [CUSTOMER_EXAMPLE]})
    entity_id: str = Field(description="The lasting identity", examples=["C-001CWVNVDZR9V"])


class CustomerPage(BaseModel):
    """One page of customers."""

    customers: list[Customer]
    next: str | None = Field(
        description="Give it as `after` for the page that follows; null after the last"
    )


class SourceRow(BaseModel):
    """A row of a source, and whose it is."""

    source: str = Field(examples=["registration"])
    source_record_id: str = Field(examples=["R0000-002935"])
    entity_id: str | None = Field(description="The customer; null where the row is nobody's")
    matched_by: str | None = Field(default=None, description="What holds it to its customer")
    match_probability: float | None = None


class SourceRows(BaseModel):
    """Rows of sources."""

    records: list[SourceRow]
    next: str | None = Field(default=None, description="Give it as `after` for the next page")


class RowKey(BaseModel):
    """How a row of a source is named."""

    model_config = ConfigDict(extra="forbid")
    source: str = Field(max_length=200, examples=["registration"])
    source_record_id: str = Field(max_length=2000, examples=["R0000-002935"])


class RowKeys(BaseModel):
    """Rows to look up at once."""

    model_config = ConfigDict(extra="forbid")
    records: list[RowKey] = Field(min_length=1, max_length=1000)


class ChangedValue(BaseModel):
    """A golden value that changed. A side is null where there was, or is, no value."""

    model_config = ConfigDict(populate_by_name=True)
    attribute: str = Field(examples=["city"])
    before: str | None = Field(alias="from", examples=["Leeds"])
    after: str | None = Field(alias="to", examples=["York"])


class Change(BaseModel):
    """One change of a customer."""

    cursor: str = Field(description="The place after this change")
    release: str
    at: str = Field(description="When it was published (UTC)")
    kind: str = Field(description="created, changed, merged, split, retired or erased")
    entity_id: str = Field(description="Whom it happened to; of a merge, who lives on")
    other_entity_id: str | None = Field(
        description="Of a merge who ended; of a split who the rows went to"
    )
    cause: str | None
    values: list[ChangedValue] = Field(
        description="Of created and changed: golden values; none where only source rows joined"
    )


class ChangePage(BaseModel):
    """Changes in order."""

    changes: list[Change]
    cursor: str = Field(description="Where to go on; keep it once the changes are dealt with")
    more: bool = Field(description="Whether there are more already")


class TableColumn(BaseModel):
    """A column of a table."""

    name: str
    type: str = Field(description="DuckDB's name of its type")
    masked: bool = Field(description="Whether this key gets it masked")


class ExportTable(BaseModel):
    """A table that can be exported."""

    table: str = Field(examples=["golden.customers"])
    rows: int
    columns: list[TableColumn]


class ExportTables(BaseModel):
    """Every table of the current release that the key may see."""

    tables: list[ExportTable]
