"""HubSpot's CRM as of API version 2026-09, over the company: objects, search, history, associations, owners, pipelines.

Refuses what HubSpot refuses: other versions, a wrong token, too large pages, the 10,001st search result, two sorts.
"""

import base64
import binascii
import json
import uuid
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ingestion.sandbox.answers import JSONResponse
from ingestion.sandbox.vendors.hubspot.crm import OPERATORS, SINGULAR, Crm, Record, iso

TOKEN = "pat-na1-5a9db0c5-0000-4000-8000-000000000001"
# Nobody counts the searches here, so the source need not go slowly.
SETTINGS = {"ACCESS_TOKEN": TOKEN, "SEARCHES_PER_SECOND": "1000"}

VERSION = "2026-09"
SEARCH_CEILING = 10_000
ASSOCIATIONS_PER_RECORD = 500
FOUNDED = "2025-01-01T00:00:00.000Z"
# What HubSpot shows when no property is asked for by name, and in any case.
DEFAULT_PROPERTIES = {
    "contacts": ("email", "firstname", "lastname"),
    "companies": ("name", "domain"),
    "deals": ("dealname", "amount", "dealstage", "pipeline", "closedate"),
}
SYSTEM_PROPERTIES = ("createdate", "hs_createdate", "lastmodifieddate", "hs_lastmodifieddate", "hs_object_id")


def rate_limited(request: Request, policy: str | None = None) -> Response:
    """HubSpot's 429. Searches have a limit by the second; waiting does not help against the `policy` DAILY."""
    policy = policy or ("SECONDLY" if request.url.path.endswith("/search") else "TEN_SECONDLY_ROLLING")
    body = {
        "status": "error",
        "message": f"You have reached your {policy.lower()} limit.",
        "errorType": "RATE_LIMIT",
        "correlationId": _correlation_id(request),
        "policyName": policy,
    }
    return JSONResponse(body, 429, {"X-HubSpot-RateLimit-Max": "190", "X-HubSpot-RateLimit-Remaining": "0"})


def unauthorized(request: Request) -> Response:
    """HubSpot's 401 for a token it does not know."""
    message = "Authentication credentials not found. This API supports OAuth 2.0 authentication."
    return _error(request, 401, "INVALID_AUTHENTICATION", message)


class _RefusalError(Exception):
    """A request HubSpot would refuse."""

    def __init__(self, status: int, category: str, message: str) -> None:
        super().__init__(message)
        self.status, self.category, self.message = status, category, message


def _list(crm: Crm, request: Request) -> Response:
    kind, query = _kind(crm, request), request.query_params
    history = _names(query.get("propertiesWithHistory"))
    limit = _limit(query.get("limit", "10"), 50 if history else 100)
    to_kinds = [_known(crm, name) for name in _names(query.get("associations"))]
    page = crm.listed(kind, query.get("archived") == "true", _decoded(query.get("after")))[: limit + 1]
    names = _names(query.get("properties"))
    results = [_shown(crm, kind, record, names, history, to_kinds) for record in page[:limit]]
    return _page(request, results, has_more=len(page) > limit)


def _get(crm: Crm, request: Request) -> Response:
    kind, query = _kind(crm, request), request.query_params
    record = crm.find(kind, request.path_params["object_id"])
    if record is None or bool(record.archived_at) != (query.get("archived") == "true"):
        raise _RefusalError(404, "OBJECT_NOT_FOUND", "resource not found")
    names, history = _names(query.get("properties")), _names(query.get("propertiesWithHistory"))
    to_kinds = [_known(crm, name) for name in _names(query.get("associations"))]
    return JSONResponse(_shown(crm, kind, record, names, history, to_kinds))


def _search(crm: Crm, request: Request, body: dict) -> Response:
    kind = _kind(crm, request)
    limit, start = _limit(body.get("limit", 10), 200), int(body.get("after") or 0)
    groups, sorts = body.get("filterGroups", []), body.get("sorts", [])
    filters = [condition for group in groups for condition in group.get("filters", [])]
    if unknown := set(body) - {"limit", "after", "filterGroups", "sorts", "properties", "query"}:
        raise _RefusalError(400, "VALIDATION_ERROR", f"Invalid input JSON: unrecognized field {sorted(unknown)[0]}")
    if start >= SEARCH_CEILING:
        raise _RefusalError(
            400, "VALIDATION_ERROR", f"A search shows at most {SEARCH_CEILING} results; after was {start}"
        )
    if len(groups) > 5 or len(filters) > 18 or any(len(group["filters"]) > 6 for group in groups):
        raise _RefusalError(400, "VALIDATION_ERROR", "Too many filters: at most 5 groups, 6 in a group, 18 in all")
    if len(sorts) > 1:
        raise _RefusalError(400, "VALIDATION_ERROR", "Only one sort is allowed")
    for condition in filters:
        if condition.get("operator") not in (*OPERATORS, "HAS_PROPERTY", "NOT_HAS_PROPERTY"):
            raise _RefusalError(400, "VALIDATION_ERROR", f"Invalid operator: {condition.get('operator')}")
    for condition in filters + sorts:
        if condition.get("propertyName") not in crm.property_names[kind]:
            raise _RefusalError(400, "VALIDATION_ERROR", f"Property {condition.get('propertyName')} does not exist")
    found = crm.search(kind, groups, sorts)
    page = found[start : min(start + limit, SEARCH_CEILING)]
    answer = {"total": len(found), "results": [_shown(crm, kind, record, body.get("properties")) for record in page]}
    if start + len(page) < len(found):
        answer["paging"] = {"next": {"after": str(start + len(page))}}
    return JSONResponse(answer)


def _read(crm: Crm, request: Request, body: dict) -> Response:
    kind, history = _kind(crm, request), body.get("propertiesWithHistory") or []
    is_archived = request.query_params.get("archived") == "true"
    found, missing = {}, []
    for wanted in _inputs(body, 50 if history else 100):
        record = crm.find(kind, wanted["id"])
        if record and bool(record.archived_at) == is_archived:
            found[record.object_id] = _shown(crm, kind, record, body.get("properties"), history)
        else:
            missing.append(wanted["id"])
    message = f"Could not get some {_singular(kind).upper()} objects, they may be deleted or not exist."
    return _batch(list(found.values()), [_missing(message, missing)] if missing else [])


def _read_associations(crm: Crm, request: Request, body: dict) -> Response:
    _check_version(request)
    kind, to_kind = _known(crm, request.path_params["kind"]), _known(crm, request.path_params["to_kind"])
    results, errors = [], []
    for wanted in _inputs(body, 1000):
        record, start = crm.objects[kind].get(wanted["id"]), _decoded(wanted.get("after"))
        associated = crm.associated(kind, record, to_kind) if record and not record.archived_at else []
        page = associated[start : start + ASSOCIATIONS_PER_RECORD]
        if not page:
            message = f"No {_singular(to_kind)} is associated with {_singular(kind)} {wanted['id']}."
            errors.append(_missing(message, [wanted["id"]], "crm.associations.NO_ASSOCIATIONS_FOUND"))
            continue
        result = {"from": {"id": wanted["id"]}, "to": [_association(to_id, types) for to_id, types in page]}
        if start + len(page) < len(associated):
            result["paging"] = {"next": {"after": _encoded(start + len(page))}}
        results.append(result)
    return _batch(results, errors)


def _owners(crm: Crm, request: Request) -> Response:
    _check_version(request)
    query, today = request.query_params, crm.world.as_of
    limit, last_id = _limit(query.get("limit", "100"), 500), _decoded(query.get("after"))
    is_archived = query.get("archived") == "true"
    owners = [
        owner
        for owner in sorted(crm.world.owners, key=lambda owner: int(owner.owner_id))
        if owner.start_date <= today
        and bool(owner.left_date and owner.left_date <= today) == is_archived
        and int(owner.owner_id) > last_id
    ]
    results = [
        {
            "id": owner.owner_id,
            "email": owner.email,
            "type": "PERSON",
            "firstName": owner.first_name,
            "lastName": owner.last_name,
            "userId": None if is_archived else int(owner.owner_id),
            "userIdIncludingInactive": int(owner.owner_id),
            "createdAt": f"{owner.start_date}T00:00:00.000Z",
            "updatedAt": f"{owner.left_date if is_archived else owner.start_date}T00:00:00.000Z",
            "archived": is_archived,
        }
        for owner in owners[:limit]
    ]
    return _page(request, results, has_more=len(owners) > limit)


def _pipelines(crm: Crm, request: Request) -> Response:
    _check_version(request)
    kind = request.path_params["kind"]
    if kind not in ("deals", "leads", "tickets"):
        raise _RefusalError(400, "VALIDATION_ERROR", f"Unable to infer object type from: {kind}")
    pipelines: dict[str, dict] = {}
    for stage in crm.world.pipeline_stages:
        if stage.object_type == kind:
            new = _told(stage.pipeline_id, stage.pipeline_label, len(pipelines)) | {"stages": []}
            metadata = {"isClosed": str(stage.is_closed).lower(), "probability": stage.probability}
            pipelines.setdefault(stage.pipeline_id, new)["stages"].append(
                _told(stage.stage_id, stage.label, stage.display_order)
                | {"metadata": {name: value for name, value in metadata.items() if value is not None}}
                | {"writePermissions": "CRM_PERMISSIONS_ENFORCEMENT"}
            )
    return JSONResponse({"results": list(pipelines.values())})


def _properties(crm: Crm, request: Request) -> Response:
    results = [
        {"name": name, "label": name, "type": "string", "fieldType": "text", "archived": False}
        for name in sorted(crm.property_names[_kind(crm, request)])
    ]
    return JSONResponse({"results": results})


def _shown(
    crm: Crm,
    kind: str,
    record: Record,
    names: list[str] | None,
    history: list[str] | tuple[str, ...] = (),
    to_kinds: list[str] | tuple[str, ...] = (),
) -> dict:
    """A record with the properties asked for: null where it has none, absent where the account knows no such one."""
    asked = [name for name in names or DEFAULT_PROPERTIES.get(kind, ()) if name in crm.property_names[kind]]
    properties = {name: record.properties.get(name) for name in asked}
    properties |= {name: record.properties[name] for name in SYSTEM_PROPERTIES if name in record.properties}
    shown = {
        "id": record.object_id,
        "properties": properties,
        "createdAt": iso(record.created_at),
        "updatedAt": iso(record.updated_at),
        "archived": record.archived_at is not None,
        "url": f"https://app.hubspot.com/contacts/1/record/{kind}/{record.object_id}",
    }
    if record.archived_at:
        shown["archivedAt"] = iso(record.archived_at)
    if history:
        shown["propertiesWithHistory"] = {
            name: [
                {"value": change.value, "timestamp": iso(change.at), "sourceType": change.source_type}
                for change in record.history.get(name, [])
            ]
            for name in history
            if name in crm.property_names[kind]
        }
    associated = {to_kind: crm.associated(kind, record, to_kind) for to_kind in to_kinds}
    if any(associated.values()):
        shown["associations"] = {
            to_kind: {"results": [{"id": to_id, "type": name} for to_id, types in found for _, name in types]}
            for to_kind, found in associated.items()
            if found
        }
    return shown


def _association(to_id: str, types: list[tuple[int, str]]) -> dict:
    return {
        "toObjectId": to_id,
        "associationTypes": [
            {
                "category": "USER_DEFINED" if name == "primary" else "HUBSPOT_DEFINED",
                "typeId": type_id,
                "label": "Primary" if len(types) == 2 and position == 0 else None,
            }
            for position, (type_id, name) in enumerate(types)
        ],
    }


def _told(part_id: str, label: str, display_order: int) -> dict:
    """What pipelines and stages have in common."""
    return {
        "id": part_id,
        "label": label,
        "displayOrder": display_order,
        "createdAt": FOUNDED,
        "updatedAt": FOUNDED,
        "archived": False,
    }


def _page(request: Request, results: list[dict], has_more: bool) -> Response:
    answer: dict = {"results": results}
    if has_more:
        after = _encoded(results[-1]["id"])
        answer["paging"] = {"next": {"after": after, "link": str(request.url.include_query_params(after=after))}}
    return JSONResponse(answer)


def _batch(results: list[dict], errors: list[dict]) -> Response:
    answer = {"status": "COMPLETE", "results": results, "startedAt": FOUNDED, "completedAt": FOUNDED}
    if errors:
        return JSONResponse(answer | {"numErrors": len(errors), "errors": errors}, 207)
    return JSONResponse(answer)


def _missing(message: str, ids: list[str], sub_category: str | None = None) -> dict:
    error = {"status": "error", "category": "OBJECT_NOT_FOUND", "message": message, "context": {"ids": ids}}
    return error | ({"subCategory": sub_category} if sub_category else {})


def _error(request: Request, status: int, category: str, message: str) -> Response:
    body = {"status": "error", "message": message, "correlationId": _correlation_id(request), "category": category}
    return JSONResponse(body, status)


def _correlation_id(request: Request) -> str:
    """The same request is given the same id, so that the sandbox stays repeatable."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, str(request.url)))


def _check_version(request: Request) -> None:
    if request.path_params["version"] != VERSION:
        raise _RefusalError(404, "OBJECT_NOT_FOUND", f"No API of version {request.path_params['version']} at this path")


def _kind(crm: Crm, request: Request) -> str:
    _check_version(request)
    return _known(crm, request.path_params["kind"])


def _known(crm: Crm, kind: str) -> str:
    if kind not in crm.objects:
        raise _RefusalError(400, "VALIDATION_ERROR", f"Unable to infer object type from: {kind}")
    return kind


def _singular(kind: str) -> str:
    return SINGULAR.get(kind, kind[:-1])


def _names(text: str | None) -> list[str]:
    return [name for name in (text or "").split(",") if name]


def _limit(asked: str | int, most: int) -> int:
    try:
        limit = int(asked)
    except ValueError:
        limit = 0
    if not 1 <= limit <= most:
        raise _RefusalError(400, "VALIDATION_ERROR", f"The limit must be from 1 to {most}, but was {asked}")
    return limit


def _inputs(body: dict, most: int) -> list[dict]:
    inputs = body.get("inputs")
    if not isinstance(inputs, list) or any("id" not in wanted for wanted in inputs):
        raise _RefusalError(400, "VALIDATION_ERROR", "Invalid input JSON: inputs must be a list of objects with an id")
    if len(inputs) > most:
        raise _RefusalError(
            400, "VALIDATION_ERROR", f"The maximum number of inputs is {most}, but there were {len(inputs)}"
        )
    return inputs


def _encoded(position: str | int) -> str:
    return base64.b64encode(f"{position}\n".encode()).decode()


def _decoded(after: str | None) -> int:
    """The position a cursor stands for; 0 without one."""
    try:
        return int(base64.b64decode(after)) if after else 0
    except (binascii.Error, ValueError):
        raise _RefusalError(400, "VALIDATION_ERROR", f"The paging cursor is not valid: {after}") from None


def _crm(request: Request) -> Crm:
    """The CRM of the company as it is now; built again when the company moved on."""
    state = request.app.state
    if getattr(state, "hubspot", None) is None or state.hubspot.world is not state.world:
        state.hubspot = Crm(state.world)
    return state.hubspot


def _endpoint(answer: Callable[..., Response], has_body: bool = False) -> Callable:
    """A handler that checks the token, reads the body and tells a refusal in HubSpot's words."""

    async def handle(request: Request) -> Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return unauthorized(request)
        arguments = [_crm(request), request]
        if has_body:
            try:
                arguments.append(json.loads(await request.body()))
            except ValueError:
                return _error(request, 400, "VALIDATION_ERROR", "Invalid input JSON")
        try:
            return answer(*arguments)
        except _RefusalError as refusal:
            return _error(request, refusal.status, refusal.category, refusal.message)

    return handle


routes: list[BaseRoute] = [
    Route("/crm/objects/{version}/{kind}", _endpoint(_list)),
    Route("/crm/objects/{version}/{kind}/search", _endpoint(_search, has_body=True), methods=["POST"]),
    Route("/crm/objects/{version}/{kind}/batch/read", _endpoint(_read, has_body=True), methods=["POST"]),
    Route("/crm/objects/{version}/{kind}/{object_id}", _endpoint(_get)),
    Route(
        "/crm/associations/{version}/{kind}/{to_kind}/batch/read",
        _endpoint(_read_associations, has_body=True),
        methods=["POST"],
    ),
    Route("/crm/owners/{version}", _endpoint(_owners)),
    Route("/crm/pipelines/{version}/{kind}", _endpoint(_pipelines)),
    Route("/crm/properties/{version}/{kind}", _endpoint(_properties)),
]
