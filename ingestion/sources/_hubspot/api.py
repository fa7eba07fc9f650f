"""HubSpot's endpoints of the date-versioned API, paced, paged and put into batches as it asks."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator
from requests import Response

from ingestion.columns import ADVICE, MalformedValueError
from ingestion.http import Problem, VendorClient, json_body, status_problem
from ingestion.sources._hubspot.tables import ASSOCIATIONS, Edges, Kind

SEARCH_PAGE, LIST_PAGE, HISTORY_PAGE, ASSOCIATIONS_BATCH = 200, 100, 50, 1000
# Seconds until a throttle of HubSpot's passes; the daily one does not.
THROTTLE_SECONDS = {"TEN_SECONDLY_ROLLING": 10.0, "SECONDLY": 1.0}
# A list names the type of an association where a batch read labels it.
PRIMARY_TYPES = {"contact_to_company", "company_to_contact", "deal_to_company", "company_to_deal", "primary"}


class Crm:
    """HubSpot's endpoints, each as what they tell. `searches` is paced apart from the rest."""

    def __init__(self, client: VendorClient, searches: VendorClient, version: str) -> None:
        self._client, self._searches, self._version = client, searches, version

    def listed(self, kind: Kind, *, is_archived: bool = False, to_kinds: Collection[str] = ()) -> Iterator[list[dict]]:
        """All records that live, or all that are archived, by id; with their associations to `to_kinds`."""
        parameters = {
            "limit": HISTORY_PAGE if kind.with_history else LIST_PAGE,
            "properties": ",".join(kind.properties),
            "archived": str(is_archived).lower(),
        }
        if kind.with_history:
            parameters["propertiesWithHistory"] = ",".join(kind.with_history)
        if associated := [other for other in to_kinds if {(kind.name, other), (other, kind.name)} & set(ASSOCIATIONS)]:
            parameters["associations"] = ",".join(associated)
        return self._pages(f"crm/objects/{self._version}/{kind.name}", parameters, kind.name)

    def changed(self, kind: Kind, start: int) -> Iterator[list[dict]]:
        """The live records changed at or after `start` (epoch milliseconds), with history."""
        for page in self._search_from(kind, start):
            if kind.with_history:
                yield from self._read(kind, [record["id"] for record in page])
            else:
                yield page

    def latest_change(self, kind: Kind) -> int:
        """When any live record last changed, in epoch milliseconds; 0 if there is none."""
        newest = self._search(kind, [], kind.modified, "DESCENDING", limit=1)
        return _modified(kind, newest[0]) if newest else 0

    def alive(self, kind: str, ids: Iterable[str]) -> set[str]:
        """Those of the ids that still are live records of their own."""
        path = f"crm/objects/{self._version}/{kind}/batch/read"
        batches = (self._client.post(path, json={"inputs": batch}).json() for batch in _batches(sorted(ids), LIST_PAGE))
        return {record["id"] for answer in batches for record in answer["results"]}.intersection(ids)

    def associations(self, kind: str, to_kind: str, ids: list[str]) -> Edges:
        """The associations of the given live records with records that live."""
        path = f"crm/associations/{self._version}/{kind}/{to_kind}/batch/read"
        edges: Edges = {}
        waiting = [{"id": record_id} for record_id in ids]
        while waiting:
            answer = self._client.post(path, json={"inputs": waiting[:ASSOCIATIONS_BATCH]}).json()
            waiting = waiting[ASSOCIATIONS_BATCH:]
            for result in _rows(answer["results"], f"{kind} with their {to_kind}"):
                from_id = _checked_id(result["from"]["id"], kind)
                for to in result["to"]:
                    labels = {association["label"] for association in to["associationTypes"]}
                    edges[from_id, _checked_id(to["toObjectId"], to_kind)] = "Primary" in labels
                if after := result.get("paging", {}).get("next", {}).get("after"):
                    waiting.append({"id": from_id, "after": after})
        return edges

    def owners(self) -> Iterator[dict]:
        """Everyone who owns or has owned records."""
        for archived in ("false", "true"):
            parameters = {"limit": LIST_PAGE, "archived": archived}
            for page in self._pages(f"crm/owners/{self._version}", parameters, "owners"):
                yield from page

    def pipeline_stages(self, kinds: Collection[str]) -> Iterator[dict]:
        """The stages that deals and leads can stand in, each with its pipeline."""
        for object_type in sorted({"deals", "leads"}.intersection(kinds)):
            answer = self._client.get(f"crm/pipelines/{self._version}/{object_type}").json()
            for pipeline in _rows(answer["results"], "pipelines"):
                for stage in _rows(pipeline["stages"], "pipeline_stages"):
                    yield stage | {"object_type": object_type, "pipeline": pipeline}

    def _pages(self, path: str, parameters: dict, where: str) -> Iterator[list[dict]]:
        paginator = JSONResponseCursorPaginator(cursor_path="paging.next.after", cursor_param="after")
        for page in self._client.paginate(path, params=parameters, paginator=paginator, data_selector="results"):
            yield _records(page, where)

    def _read(self, kind: Kind, ids: list[str]) -> Iterator[list[dict]]:
        wanted = {"properties": kind.properties, "propertiesWithHistory": kind.with_history}
        for batch in _batches(ids, HISTORY_PAGE):
            path = f"crm/objects/{self._version}/{kind.name}/batch/read"
            answer = self._client.post(path, json={"inputs": batch} | wanted).json()
            yield _records(answer["results"], kind.name)

    def _search_from(self, kind: Kind, start: int) -> Iterator[list[dict]]:
        """Every page starts where the last one ended, not at an offset.

        A search shows 10,000 results at most, and offsets shift while records change.
        """
        while True:
            page = self._search(kind, [(kind.modified, "GTE", start)], kind.modified)
            yield page
            if len(page) < SEARCH_PAGE:
                return
            last = _modified(kind, page[-1])
            if last == start:  # a bulk edit: one instant fills a page
                yield from self._search_instant(kind, start)
                last += 1
            start = last

    def _search_instant(self, kind: Kind, instant: int) -> Iterator[list[dict]]:
        """The records changed at one instant, by id."""
        last_id = "0"
        while True:
            filters = [(kind.modified, "EQ", instant), ("hs_object_id", "GT", last_id)]
            page = self._search(kind, filters, "hs_object_id")
            yield page
            if len(page) < SEARCH_PAGE:
                return
            last_id = page[-1]["id"]

    def _search(
        self, kind: Kind, filters: list[tuple], sort: str, direction: str = "ASCENDING", limit: int = SEARCH_PAGE
    ) -> list[dict]:
        conditions = [{"propertyName": name, "operator": sign, "value": str(value)} for name, sign, value in filters]
        query = {
            "filterGroups": [{"filters": conditions}] if conditions else [],
            "sorts": [{"propertyName": sort, "direction": direction}],
            "properties": kind.properties,
            "limit": limit,
        }
        answer = self._searches.post(f"crm/objects/{self._version}/{kind.name}/search", json=query).json()
        return _records(answer["results"], kind.name)


def listed_associations(kind: str, page: list[dict]) -> Iterator[tuple[tuple[str, str], tuple[str, str], bool]]:
    """The associations that listed records carry, whichever end they are: kinds, ids, and whether it is the primary."""
    for record in page:
        for other, listed in record.get("associations", {}).items():
            for association in listed["results"]:
                kinds, ids = (kind, other), (record["id"], association["id"])
                is_primary = association["type"] in PRIMARY_TYPES
                yield (kinds, ids, is_primary) if kinds in ASSOCIATIONS else (kinds[::-1], ids[::-1], is_primary)


def hubspot_problem(response: Response) -> Problem | None:
    """HubSpot's throttles tell a policy, and no wait that can be relied on."""
    problem = status_problem(response)
    if problem is None or response.status_code != 429:
        return problem
    body = json_body(response)
    policy = str(body.get("policyName")) if isinstance(body, dict) else ""
    return Problem(problem.reason, code=policy, is_passing=policy != "DAILY", wait_seconds=THROTTLE_SECONDS.get(policy))


def _batches(ids: list[str], size: int) -> Iterator[list[dict]]:
    """Ids as the inputs of batch requests."""
    for start in range(0, len(ids), size):
        yield [{"id": record_id} for record_id in ids[start : start + size]]


def _rows(rows: list, where: str) -> list[dict]:
    """The rows, if each is an object."""
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise MalformedValueError(f"hubspot {where}: row {number} is {row!r:.60}, not an object. {ADVICE}")
    return rows


def _records(rows: list, where: str) -> list[dict]:
    """The rows, if each is a record with an id."""
    for row in _rows(rows, where):
        _checked_id(row.get("id"), where)
    return rows


def _checked_id(record_id: object, where: str) -> str:
    """The id of a record as text: HubSpot's are numbers."""
    if not str(record_id).isdigit():
        raise MalformedValueError(f"hubspot {where}: the id {record_id!r:.60} is not a number. {ADVICE}")
    return str(record_id)


def _modified(kind: Kind, record: dict) -> int:
    return milliseconds(datetime.fromisoformat(record["properties"][kind.modified]))


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
