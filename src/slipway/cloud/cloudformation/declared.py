"""Resource types whose properties are the members of their API: a declaration, and what it means."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import jmespath
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.model import Shape

from slipway.cloud.cloudformation import attempts, members, naming
from slipway.cloud.cloudformation.own import check
from slipway.cloud.cloudformation.resource import (
    Asked,
    Failed,
    Made,
    Properties,
    ResourceType,
)
from slipway.cloud.cloudformation.settling import (
    PATIENCE,
    gently,
    gone,
    insisted,
    settled,
    vanished,
)

ELSEWHERE = 120  # seconds in which the other resource is made


@dataclass(frozen=True)
class Part:
    """A property that has API operations of its own.

    `form` makes the request's members of it; without one the property is the value of the member
    that has its name (or `member`).
    """

    property: str
    put: str
    delete: str = ""  # when the property goes; "" for an API that cannot take it back
    member: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)  # other members of `put`
    form: Callable[[Asked, Any], dict[str, Any]] | None = None
    created: bool = False  # `create` takes the property itself, whatever `form` is for


@dataclass(frozen=True)
class Declared:
    """A resource type.

    Sources below are a property's name, `@` for the physical id, `[@]` for a list of it alone,
    `=TEXT`, `~TEXT` in lower case, or a function of what is asked and the physical id.
    Of a property that is no member of `create`, a part, or named below a template is refused.
    """

    name: str  # "AWS::Logs::LogGroup"
    service: str  # botocore's name
    create: str  # operation
    update: str = ""  # operation; the same as `create` where the API puts
    delete: str = ""  # operation
    read: str = ""  # operation
    resource: str = "@"  # where `read` shows the resource; JMESPath, $ID is the physical id
    within: str = ""  # the member of create or update that holds all properties
    named: str = ""  # the property that names the resource; made by CloudFormation without one
    longest: int = 64  # characters of a made name
    lower: bool = False  # a made name in lower case
    ref: str = ""  # where the answer of `create` shows the physical id, unless it is the name
    identity: str = ""  # the physical id as `=TEXT` has it, where it is neither: "{A}|{B}"
    # Members of update, delete and read that say which: sources
    keys: Mapping[str, Any] = field(default_factory=dict)
    read_keys: Mapping[str, Any] | None = None  # where `read` is asked in another form
    attributes: Mapping[str, str] = field(default_factory=dict)  # JMESPath in it, or `=arn:…`
    stable: str = ""  # JMESPath in the resource: whether it is what it shall be
    failed: str = ""  # JMESPath in the resource: why it never will be
    passing: str = ""  # the error of `create` that ends when another resource of the stack is made
    patience: int = PATIENCE  # seconds until it is stable, or gone
    renamed: Mapping[str, str] = field(default_factory=dict)  # property → member
    always: Mapping[str, Any] = field(default_factory=dict)  # of create and update: values, `=TEXT`
    on_update: Mapping[str, Any] = field(default_factory=dict)  # members of update
    on_delete: Mapping[str, Any] = field(default_factory=dict)  # members of delete
    updated: frozenset[str] = frozenset()  # properties that only update takes
    cleared: Mapping[str, Any] = field(default_factory=dict)  # for `update`: what is said no more
    parts: tuple[Part, ...] = ()
    tags: str = "Tags"  # the property
    # The operations that tag and untag, and their members that say which resource: sources
    tagging: tuple[str, str, Mapping[str, Any]] | None = None
    marked: bool = False  # CloudFormation's own tags go with it, so that `find` knows it
    tagged: str = ""  # EC2's name of the resource in TagSpecifications
    find: Callable[[Asked], str] | None = None  # the id that an attempt left: APIs that make ids
    ignored: Mapping[str, str] = field(default_factory=dict)  # properties without effect: why
    refused: Mapping[str, str] = field(default_factory=dict)  # properties that fail a deploy: why
    replacing: frozenset[str] = frozenset()
    note: str = ""  # what the resource itself does less than on AWS
    form: Callable[[Asked], Properties] | None = None  # the properties as the API has them
    # Attributes that `read` shows not
    more: Callable[[Asked, str], Mapping[str, Any]] | None = None
    before_delete: Callable[[Asked, Made], None] | None = None
    # After create and update, with the properties before; what it brings about is `hooked`.
    after: Callable[[Asked, Made, Properties], None] | None = None
    hooked: frozenset[str] = frozenset()
    changing: frozenset[str] = frozenset()  # what `create` takes, and `after` changes

    def type(self) -> ResourceType:
        """Return the type as CloudFormation's engine takes it."""
        return ResourceType(
            self.name, self._create, self._update, self._delete, replacing=self.replacing
        )

    def honored(self) -> frozenset[str]:
        """Return the properties that do what they do on AWS, as the template names them."""
        own = set(self._shape(self.create).members)
        own |= {self.renamed_back(name) for name in own}
        own |= {part.property for part in self.parts} | self.hooked | self.updated
        return frozenset(own | ({self.tags} if self.tags else set()))

    def renamed_back(self, name: str) -> str:
        """Return the property of a member."""
        back = {member: given for given, member in self.renamed.items()}
        return back.get(name, name)

    # The three operations

    def _create(self, asked: Asked) -> Made:
        asked = self._named(asked)
        before = attempts.begin(asked)
        id_ = asked.properties[self.named] if self.named and not self.ref else ""
        id_ = filled(self.identity, asked, "") if self.identity else id_
        if before:
            id_ = before["id"] or id_ or (self.find(asked) if self.find else "")
        elif id_ and self.read and self._resource(asked, id_) is not None:
            attempts.forget(asked, "")
            raise Failed(f"Resource of type '{self.name}' with identifier '{id_}' already exists.")
        if not (before and id_ and (not self.read or self._resource(asked, id_) is not None)):
            create = partial(self._call, asked, self.create, self._request(asked, self.create, id_))
            answer = insisted(create, self.passing, ELSEWHERE)
            id_ = jmespath.search(self.ref, answer) if self.ref else id_
        attempts.made(asked, id_)
        for part in self.parts:
            if part.property in asked.properties and not self._created(part):
                self._put(asked, id_, part)
        self._tag_after(asked, id_)
        return self._finished(asked, id_, {})

    def _update(self, asked: Asked, made: Made, before: Properties) -> Made:
        asked = self._named(asked, made)
        old = self._named(replace(asked, properties=before), made).properties
        new, id_ = asked.properties, made.physical_id
        changed = {name for name in {*old, *new} if old.get(name) != new.get(name)}
        lost = {name: self.cleared[name] for name in self.cleared if name in changed - new.keys()}
        asked = replace(asked, properties={**lost, **new})
        rest = changed - {part.property for part in self.parts} - self._apart() - self.changing
        if rest:
            if not self.update:
                raise Failed(f"{self.name}: {', '.join(sorted(rest))} cannot be updated")
            self._call(asked, self.update, self._request(asked, self.update, id_, rest))
        for part in self.parts:
            if part.property in new and part.property in changed:
                self._put(asked, id_, part)
            elif part.property in changed and part.delete:
                keys = self._keys(asked, id_, part.delete)
                gently(self._call, asked=asked, name=part.delete, request=keys)
        self._retag(asked, id_, old)
        return self._finished(asked, id_, old)

    def _delete(self, asked: Asked, made: Made) -> None:
        asked = self._named(asked, made)
        try:
            if self.read and self._resource(asked, made.physical_id) is None:
                attempts.forget(asked, made.physical_id)
                return
            if self.before_delete:
                self.before_delete(asked, made)
            if self.delete:
                keys = self._keys(asked, made.physical_id, self.delete)
                self._call(asked, self.delete, keys | dict(self.on_delete))
                if self.stable:
                    vanished(lambda: self._resource(asked, made.physical_id), self.patience)
        except ClientError as error:
            if not gone(error):
                raise
        attempts.forget(asked, made.physical_id)

    # Their parts

    def _named(self, asked: Asked, made: Made | None = None) -> Asked:
        """Return what is asked for with its name, in the API's form, checked."""
        given = dict(asked.properties)
        check(self, given)
        if self.named and not given.get(self.named):
            made_name = naming.physical(
                asked.stack_name, asked.logical_id, asked.token, self.longest
            )
            made_name = made_name.lower() if self.lower else made_name
            given[self.named] = made.physical_id if made and not self.ref else made_name
        return self._formed(replace(asked, properties=given))

    def _formed(self, asked: Asked) -> Asked:
        return replace(asked, properties=self.form(asked)) if self.form else asked

    def _request(
        self, asked: Asked, name: str, id_: str, only: set[str] | None = None
    ) -> dict[str, Any]:
        """Return the request of the create or update operation."""
        model = members.operation(self.service, name)
        creating = name == self.create and only is None
        parts = {part.property for part in self.parts if not (creating and self._created(part))}
        apart = parts | self._apart()
        request: dict[str, Any] = {}
        for given, value in asked.properties.items():
            if given in apart or (creating and given in self.updated):
                continue
            if name != self.create and not self._takes(name, given):
                if only and given in only:
                    raise Failed(f"{self.name}: {given} cannot be updated")
                continue
            shape = self._shape(name)
            key = members.known(shape, self.renamed.get(given, given), "#")
            request[key] = members.value(shape.members[key], value, f"#/{given}")
        request = {self.within: request} if self.within in model.input_shape.members else request
        for key, value in model.input_shape.members.items():
            if value.metadata.get("idempotencyToken"):
                request[key] = str(
                    uuid5(NAMESPACE_URL, f"{asked.stack}/{asked.logical_id}/{asked.token}")
                )
        if self.tagged and creating:
            request["TagSpecifications"] = self._specified(asked)
        elif creating and (tag_member := members.tag_member(model)):
            given_tags = members.merged(asked.tags, asked.properties.get(self.tags))
            given_tags |= origin(asked) if self.marked else {}
            if given_tags:
                shape = model.input_shape.members[tag_member]
                request[tag_member] = members.tags(shape, given_tags)
        if not creating:
            request |= self._keys(asked, id_, name)
        more = {**self.always, **({} if creating else self.on_update)}
        return request | {
            key: filled(of[1:], asked, id_) if str(of).startswith("=") else of
            for key, of in more.items()
            if key in model.input_shape.members
        }

    def _specified(self, asked: Asked) -> list[dict[str, Any]]:
        """Return the tags of an EC2 resource, also those by which `find` knows it."""
        given = members.merged(asked.tags, asked.properties.get(self.tags)) | origin(asked)
        listed = [{"Key": name, "Value": value} for name, value in given.items()]
        return [{"ResourceType": self.tagged, "Tags": listed}]

    def _apart(self) -> set[str]:
        """Return the properties that are no business of the create and update operations."""
        return {self.tags, *self.ignored, *self.hooked}

    def _created(self, part: Part) -> bool:
        """Tell whether the create operation takes a part's property, too."""
        return (part.form is None or part.created) and self._takes(self.create, part.property)

    def _takes(self, name: str, given: str) -> bool:
        return members.member(self._shape(name), self.renamed.get(given, given)) is not None

    def _shape(self, name: str) -> Shape:
        """Return the structure in which an operation takes properties."""
        shape = members.operation(self.service, name).input_shape
        return shape.members.get(self.within, shape)

    def _keys(self, asked: Asked, id_: str, name: str) -> dict[str, Any]:
        """Return the members that say which resource, as far as the operation has them."""
        shape = members.operation(self.service, name).input_shape
        found = {
            key: self._source(asked, id_, source)
            for key, source in self.keys.items()
            if key in shape.members
        }
        return {key: value for key, value in found.items() if value is not None}

    def _source(self, asked: Asked, id_: str, source: Any) -> Any:
        if callable(source):
            return source(asked, id_)
        if source == "@":
            return id_
        if source == "[@]":
            return [id_]
        if source.startswith("="):
            return filled(source[1:], asked, id_)
        if source.startswith("~"):
            return filled(source[1:], asked, id_).lower()
        return asked.properties.get(source)

    def _put(self, asked: Asked, id_: str, part: Part) -> None:
        given = asked.properties[part.property]
        request = self._keys(asked, id_, part.put) | dict(part.more)
        if part.form:
            request |= part.form(asked, given)
        else:
            shape = members.operation(self.service, part.put).input_shape
            name = members.known(shape, part.member or part.property, "#")
            request[name] = members.value(shape.members[name], given, f"#/{part.property}")
        self._call(asked, part.put, request)

    def _tag_after(self, asked: Asked, id_: str) -> None:
        """Tag what `create` could not."""
        model = members.operation(self.service, self.create)
        given = members.merged(asked.tags, asked.properties.get(self.tags))
        if self.tagging and given and not self.tagged and not members.tag_member(model):
            self._tag(asked, id_, self.tagging[0], given)

    def _retag(self, asked: Asked, id_: str, old: Properties) -> None:
        if not self.tagging:
            return
        new = members.merged(asked.tags, asked.properties.get(self.tags))
        if dropped := sorted(members.merged({}, old.get(self.tags)).keys() - new.keys()):
            self._tag(asked, id_, self.tagging[1], dropped)
        if new:  # those of the stack may have changed, too
            self._tag(asked, id_, self.tagging[0], new)

    def _tag(self, asked: Asked, id_: str, name: str, given: Any) -> None:
        assert self.tagging  # noqa: S101 (the callers look)
        shape = members.operation(self.service, name).input_shape
        keys = self.tagging[2]
        key = next((n for n in shape.members if "tag" in n.lower() and n not in keys), "Keys")
        form = given
        if isinstance(given, dict):
            form = members.tags(shape.members[key], given)
        elif shape.members[key].member.type_name == "structure":
            form = [{"Key": one} for one in given]
        which = {name: self._source(asked, id_, source) for name, source in keys.items()}
        self._call(asked, name, {**which, key: form})

    def _finished(self, asked: Asked, id_: str, before: Properties) -> Made:
        """Return the resource once it is stable, with its attributes."""
        found: Any = None
        if self.read:
            look = partial(self._resource, asked, id_)
            found = settled(look, self.stable, self.failed, self.patience)
        shown = {
            name: filled(source[1:], asked, id_)
            if source.startswith("=")
            else members.plain(jmespath.search(source, found))
            for name, source in self.attributes.items()
        }
        if self.more:
            shown |= self.more(asked, id_)
        done = Made(id_, json.loads(json.dumps(shown, default=datetime.isoformat)))
        if self.after:
            self.after(asked, done, before)
        return done

    def _resource(self, asked: Asked, id_: str) -> Any:
        """Return what `read` shows of the resource; None when it is not there."""
        if self.read_keys is None:
            keys = self._keys(asked, id_, self.read)
        else:
            keys = {key: self._deep(asked, id_, of) for key, of in self.read_keys.items()}
        try:
            answer = self._call(asked, self.read, keys)
        except ClientError as error:
            if gone(error):
                return None
            raise
        return jmespath.search(self.resource.replace("$ID", id_), answer)

    def _deep(self, asked: Asked, id_: str, source: Any) -> Any:
        if isinstance(source, list):
            return [self._deep(asked, id_, one) for one in source]
        return self._source(asked, id_, source)

    def _call(self, asked: Asked, name: str, request: Mapping[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(asked.client(self.service), xform_name(name))(**request)
        return answer


def origin(asked: Asked) -> dict[str, str]:
    """Return the tags that CloudFormation alone may give."""
    return {
        "aws:cloudformation:stack-name": asked.stack_name,
        "aws:cloudformation:stack-id": asked.stack,
        "aws:cloudformation:logical-id": asked.logical_id,
    }


def filled(text: str, asked: Asked, id_: str) -> str:
    """Return a text with the properties' names, {region}, {account} and {id} filled in.

    {last} is the id from its last slash on.
    """
    own = {k: v for k, v in asked.properties.items() if isinstance(v, str)}
    ids = {"id": id_, "last": id_.rpartition("/")[2]}
    return text.format(**{**own, **ids, "region": asked.region, "account": asked.cloud.account})
