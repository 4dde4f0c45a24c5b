"""Who gets e-mail of what, over HTTP (scope hooks:manage); nothing but one request goes to an address before it confirms."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.answers import hooks as answers
from api.described import DescribedRoute
from api.hooks import Managing, position_now
from api.mail_texts import confirmation
from api.parts import Parts, parts_of
from api.problems import ProblemError, not_found, refused
from models.exact import format_instant
from models.hooks import Filter
from models.problems import Code, Problem
from streams.keys import Holder
from streams.mail import MailNotSent, MailRefused, NoMailAddress, configured, mail_address, send
from streams.mail_store import MailStore, Subscription, TooManySubscriptions

router = APIRouter(prefix="/v1/mail-subscriptions", route_class=DescribedRoute, tags=["webhooks"])
SubscriptionId = Annotated[str, Path(pattern="^ms_[0-9a-f]{16}$")]


class NewSubscription(BaseModel):
    """An address that is to be told. `minutes`: how long what is not a red alert may wait for company."""

    model_config = ConfigDict(extra="forbid")
    address: Annotated[str, Field(max_length=254)]
    lang: Literal["zh", "en"] = "zh"
    minutes: Annotated[int, Field(ge=0, le=7 * 24 * 60)] = 60
    wanted: Filter = Filter()


def mail_store(parts: Parts) -> MailStore:
    """The subscriptions of this application's database."""
    return MailStore(parts.databases)


@router.post("", status_code=201, responses={409: {}})
async def subscribe(
    request: Request, holder: Managing, new: Annotated[NewSubscription, Body()]
) -> answers.Subscription:
    """Subscribe an address; it gets a link by mail, and is told of what comes after somebody has followed it."""
    parts = parts_of(request)
    try:
        address = mail_address(new.address)
    except NoMailAddress as error:
        raise _address_refused(str(error)) from None
    if not configured(parts.settings) or not parts.settings.public_url:
        raise refused(503, "mail_not_sent/no_server")
    return await asyncio.to_thread(_subscribe, parts, holder, new, address)


def _subscribe(parts: Parts, holder: Holder, new: NewSubscription, address: str) -> answers.Subscription:
    store, settings = mail_store(parts), parts.settings
    try:
        made, token = store.create(
            holder,
            address,
            new.lang,
            new.wanted,
            new.minutes,
            position_now(parts),
            most=settings.mail_subscriptions_max,
            confirm_hours=settings.mail_confirm_hours,
        )
    except TooManySubscriptions as error:
        raise ProblemError(409, Code.TOO_MANY_SUBSCRIPTIONS, str(error)) from None
    try:
        send(settings, confirmation(made, token, settings))
    except MailNotSent as error:
        store.remove(holder.org, made.subscription_id)
        if isinstance(error, MailRefused):
            raise _address_refused(str(error)) from None
        raise ProblemError(503, Code.MAIL_NOT_SENT, str(error), headers={"Retry-After": "60"}) from None
    return _wire(made)


def _address_refused(why: str) -> ProblemError:
    problem = Problem("$.address", Code.MAIL_ADDRESS_REFUSED, why)
    return ProblemError(422, Code.MAIL_ADDRESS_REFUSED, why, [problem])


@router.get("")
def subscriptions(request: Request, holder: Managing) -> answers.Subscriptions:
    """The organisation's subscriptions, the oldest first."""
    return {"subscriptions": [_wire(each) for each in mail_store(parts_of(request)).of_org(holder.org)]}


@router.delete("/{subscription_id}", status_code=204, response_class=Response)
def unsubscribe(request: Request, holder: Managing, subscription_id: SubscriptionId) -> Response:
    """End a subscription."""
    if not mail_store(parts_of(request)).remove(holder.org, subscription_id):
        raise not_found(f'subscription "{subscription_id}"')
    return Response(status_code=204)


def _wire(each: Subscription) -> answers.Subscription:
    return {
        "subscription_id": each.subscription_id,
        "address": each.address,
        "lang": each.lang,
        "wanted": each.wanted.model_dump(mode="json"),  # type: ignore[typeddict-item]
        "minutes": each.minutes,
        "state": each.state,
        "created_at": format_instant(each.created_at),
    }
