"""GET /v1/sites/{site}/lots/{lot}/label(.svg|.pdf): the label of a lot by HJ 1276-2022, for printing and sticking on."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from api.answers.interchange import LabelFields
from api.asking import reach_for
from api.auth import granted
from api.described import DescribedRoute
from api.labels import pdf, svg
from api.labels.layout import drawn
from api.parts import parts_of
from api.problems import ProblemError, not_found
from api.views.labels import label_of, lot_named
from api.views.register import KnownNames
from models.access import Scope
from models.interchange.label import Label, NotThisForm, Size
from models.problems import Code
from streams.databases import guarded, reading
from streams.keys import Holder

router = APIRouter(prefix="/v1", route_class=DescribedRoute)
_HEADERS: Final = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'",
}
_Reader = Annotated[Holder, Depends(granted(Scope.FACTS_READ))]
_Site = Annotated[str, Path(pattern="^[1-8][0-9]{5}-[0-9A-Za-z]{1,24}$")]
_Lot = Annotated[str, Path(pattern="^[0-9A-Za-z_/-]{1,100}$", description="A batch code.")]
_Code = Annotated[
    str | None,
    Query(
        pattern="^[0-9]{3}-[0-9]{3}-[0-9]{2}$", description="Where a batch code stands for several wastes."
    ),
]
_Volume = Annotated[
    float | None, Query(gt=0, le=1_000_000, description="Litres of a container: decides the size.")
]
_Serial = Annotated[
    str | None,
    Query(pattern="^[0-9]{3}$", description="The code's last three digits, where the batch code has none."),
]


def _label(
    request: Request,
    holder: _Reader,
    site: _Site,
    lot: _Lot,
    code: _Code = None,
    volume_l: _Volume = None,
    serial: _Serial = None,
    size: Size | None = None,
) -> Label:
    """The label asked for. Blocks."""
    parts = parts_of(request)
    reach = reach_for(request, holder)
    if not reach.site(site):
        raise not_found(f'lot "{lot}"')
    with guarded(), reading(parts.databases.state) as connection:
        found = lot_named(connection, site, lot, code)
    if found is None:
        raise not_found(f'lot "{lot}"')
    org = found.org or min(reach.known.owners(site), default="")
    wishes = {"volume_l": volume_l, "serial": serial, "size": size}
    try:
        return label_of(found, site, lot, org, KnownNames.of(request), **wishes)  # type: ignore[arg-type]
    except NotThisForm as error:
        raise ProblemError(422, Code.OTHER_FORM, str(error)) from None


_Asked = Annotated[Label, Depends(_label)]


@router.get("/sites/{site}/lots/{lot:path}/label")
def label_fields(label: _Asked) -> LabelFields:
    """What stands on the label of a lot; an empty field is one to be written by hand, and named in `blank`."""
    known = {
        "name": label.name,
        "digital_code": label.digital_code,
        "unit": label.unit,
        "mass": label.mass,
    }
    always = ["form", "main_components", "harmful_components", "cautions", "contact"]
    return {
        "standard": "HJ 1276-2022",
        "name": label.name,
        "category": label.category,
        "code": label.code,
        "hazards": [hazard.value for hazard in label.hazards],
        "maybe_hazards": [hazard.value for hazard in label.maybe],
        "digital_code": label.digital_code,
        "unit": label.unit,
        "made_on": label.made_on,
        "mass": label.mass,
        "remark": label.remark,
        "size_mm": label.size.mm,
        "copies": label.copies,
        "blank": sorted([*always, *(name for name, text in known.items() if not text)]),
    }


@router.get(
    "/sites/{site}/lots/{lot:path}/label.svg",
    responses={200: {"content": {svg.MEDIA_TYPE: {}}}},
    response_class=Response,
)
def label_svg(label: _Asked) -> Response:
    """The label of a lot as a picture in its real size."""
    return Response(svg.svg(drawn(label), _title(label)), media_type=svg.MEDIA_TYPE, headers=_HEADERS)


@router.get(
    "/sites/{site}/lots/{lot:path}/label.pdf",
    responses={200: {"content": {pdf.MEDIA_TYPE: {}}}},
    response_class=Response,
)
def label_pdf(label: _Asked) -> Response:
    """The label of a lot for printing: a page of its real size, two for containers above 450 L; the font is embedded."""
    written = pdf.pdf(drawn(label), _title(label), label.copies)
    name = {"Content-Disposition": 'inline; filename="label.pdf"'}
    return Response(written, media_type=pdf.MEDIA_TYPE, headers={**_HEADERS, **name})


def _title(label: Label) -> str:
    return f"危险废物标签 {label.code} {label.digital_code}".strip()
