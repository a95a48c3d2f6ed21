"""Joining the tree, by paper or over the network: request, acceptance, roster, entry.

    child   make_join_request(identity)           -> JoinRequest  (carried to parent and root)
    root    add_to_roster(identity, request)      -> the next signed roster
    parent  accept(identity, request, endpoints)  -> Kit          (carried to the child)
    child   enter(identity, kit)                  -> may dial

Each step works on the files of one identity and is safe to repeat. The running node takes over
what they wrote through ``hub.roster.keeper``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hub.errors import FabricError, UnknownPeer, Untrusted
from hub.ids import NodeId
from hub.link.messages import PROTO_MAX, PROTO_MIN
from hub.roster.authority import at, make_csr, read_csr, verify_issued
from hub.roster.claims import Claim, ClaimKind, seal_claim
from hub.roster.documents import Endpoints, JoinRequest, Kit
from hub.roster.identity import Child, Identity
from hub.roster.keys import TlsKey, spki_digest
from hub.roster.roster import (
    ROSTER_LIFE,
    Freshness,
    Member,
    PublicKey,
    Roster,
    first_roster,
    open_roster,
    reissue,
    sign_roster,
    with_member,
    without_keys_of,
)
from hub.seal import Signer, digest
from hub.suites.registry import suite_of

REQUEST_LIFE = timedelta(days=14)
"""A request lying about for longer is made again: its keys may have changed hands."""


def found(identity: Identity, *, now_us: int) -> Roster:
    """The root's first step: roster serial 1, naming itself. Repeating changes nothing."""
    identity.roster_signer()  # refuses anybody but the root
    present = identity.roster()
    if present is not None:
        return present
    with identity.signing():
        return _founded(identity, now_us=now_us)


def make_join_request(
    identity: Identity,
    *,
    now_us: int,
    doors: Sequence[str] = (),
    capabilities: Sequence[str] = (),
) -> JoinRequest:
    """What the child shows its parent and the root; proven by its sign key. ``doors`` and
    ``capabilities`` are what the roster shall say of it."""
    if identity.parent is None:
        raise Untrusted("the root joins nobody", code="request.root")
    return request_of(
        identity, tls=identity.client_tls, nkey=identity.client_nats.public,
        sign_keys=identity.public_keys(), now_us=now_us, doors=doors, capabilities=capabilities,
    )


def request_of(
    identity: Identity,
    *,
    tls: TlsKey,
    nkey: str,
    sign_keys: tuple[PublicKey, ...],
    now_us: int,
    doors: Sequence[str],
    capabilities: Sequence[str],
) -> JoinRequest:
    """A request for these keys, proven by the sign key of today."""
    assert identity.parent is not None, "the root asks nobody"
    return JoinRequest(
        node=identity.node,
        name=identity.name,
        parent=identity.parent,
        csr=make_csr(tls, node=identity.node),
        sign_keys=sign_keys,
        nkey=nkey,
        made_at_us=now_us,
        expires_at_us=now_us + _us(REQUEST_LIFE),
        doors=tuple(doors),
        capabilities=tuple(capabilities),
    ).signed(identity.sign)


def accept(
    identity: Identity,
    request: JoinRequest,
    *,
    endpoints: Endpoints,
    now_us: int,
    rekey: bool = False,
) -> Kit:
    """The parent takes a child in: certificate, kit, and a record for the running node.

    At the root this also names the child in the roster. Accepting the same request again gives a
    fresh certificate (so a lost kit, or an expired one, is simply made again). A known child that
    comes with other keys is refused (``request.other_keys``) unless ``rekey``. After a roster has
    been expired for 72 h nobody new is taken (``roster.frozen``).
    """
    child = admit(identity, request, now_us=now_us, rekey=rekey)
    if not (endpoints.grpc or endpoints.nats):
        raise Untrusted("a kit without an address leads nowhere", code="kit.endpoints")
    if identity.is_root:
        add_to_roster(identity, request, now_us=now_us)
    kit = kit_of(identity, child, endpoints=endpoints, now_us=now_us)
    identity.keep_child(child)
    return kit


def admit(
    identity: Identity, request: JoinRequest, *, now_us: int, rekey: bool = False
) -> Child:
    """Judge a request at its parent and issue the certificate; nothing is kept yet. A child that
    was accepted with these keys before gets the certificate of before, while that is young."""
    request.verify(now_us=now_us)
    if request.parent != identity.node:
        raise Untrusted(
            f"{request.node} asks to join {request.parent}; this is {identity.node}",
            code="request.parent",
        )
    known = identity.child(request.node)
    if known is not None and not rekey and not _expected(known.request, request, identity.roster()):
        raise Untrusted(
            f"{request.node} was accepted with other keys; accept it as a new key only after "
            "speaking to its administrator",
            code="request.other_keys",
        )
    if known is not None and known.retired_at_us is not None and _shared(known.request, request):
        raise Untrusted(
            f"{request.node} was retired: it must come back with new keys",
            code="request.retired",
        )
    roster = found(identity, now_us=now_us) if identity.is_root else identity.roster()
    if roster is None:
        raise Untrusted(f"{identity.node} has no roster yet: it must join first",
                        code="roster.missing")
    if known is None and not identity.is_root and roster.freshness(now_us) is Freshness.FROZEN:
        raise _frozen(roster)
    authority = identity.authority(now_us=now_us)
    certificate = authority.issue(request.csr, node=request.node, now=at(now_us))
    rekeyed_at_us = known.rekeyed_at_us if known is not None else 0
    if known is not None and rekey and _keys(known.request)[0] != _keys(request)[0]:
        rekeyed_at_us = now_us
    return Child(request=request, certificate=certificate, rekeyed_at_us=rekeyed_at_us)


def kit_of(
    identity: Identity,
    child: Child,
    *,
    endpoints: Endpoints,
    now_us: int,
    roster: bytes | None = None,
) -> Kit:
    """The kit of a child that was judged, with the newest roster unless another (b"": none, for
    whoever has it already) is given. ``roster.missing`` before the parent has one."""
    authority = identity.authority(now_us=now_us)
    signed = identity.signed_roster() if roster is None else roster
    if signed is None:
        raise Untrusted(f"{identity.node} has no roster yet: it must join first",
                        code="roster.missing")
    request, certificate = child.request, child.certificate
    return Kit(
        parent=identity.node,
        parent_name=identity.name,
        child=request.node,
        endpoints=endpoints,
        ca=authority.pem,
        certificate=certificate.pem,
        nkey=request.nkey,
        parent_keys=(identity.public_key(),),
        root_key=identity.root_key(),
        roster=signed,
        made_at_us=now_us,
        expires_at_us=certificate.not_after_us,
    ).signed(identity.sign)


def enter(
    identity: Identity, kit: Kit, *, now_us: int, root_fingerprint: str | None = None
) -> Roster:
    """The child takes its kit: every paper in it is checked before anything is stored.

    ``root_fingerprint``, read out by the root's administrator, closes the one gap a paper cannot
    close by itself: that the whole kit was made up. A later kit must keep parent and root key.
    """
    kit.verify(now_us=now_us)
    if kit.child != identity.node:
        raise Untrusted(f"this kit is for {kit.child}; this is {identity.node}", code="kit.child")
    if kit.parent != identity.parent:
        raise Untrusted(
            f"this kit is from {kit.parent}; we asked {identity.parent}", code="kit.parent"
        )
    if root_fingerprint is not None and fingerprint_of(kit.root_key) != _plain(root_fingerprint):
        raise Untrusted("the root's key is not the one that was read out", code="kit.root")
    present = identity.kit()
    if present is not None and present.root_key.key_id != kit.root_key.key_id:
        raise Untrusted("this kit names another root than the one we joined", code="kit.root")
    roster = open_roster(kit.roster, root_key=kit.root_key)
    parent = roster.member(kit.parent)
    listed = {key.key_id for key in parent.sign_keys} if parent else set()
    if not listed.issuperset(key.key_id for key in kit.parent_keys):
        raise Untrusted(
            f"the kit's roster {roster.serial} does not list {kit.parent} with its key: the root "
            "must name it first",
            code="kit.parent_unlisted",
        )
    certificate = verify_issued(kit.certificate, authority_pem=kit.ca, now=at(now_us))
    ours = identity.client_tls.spki_digest()
    if certificate.node != identity.node or certificate.spki_digest != ours:
        raise Untrusted("the kit's certificate is not for our key", code="kit.certificate")
    if kit.nkey != identity.client_nats.public:
        raise Untrusted("the kit's mailbox user is not our nkey", code="kit.nkey")
    # The roster goes first: whoever finds a kit must also find the roster it came with.
    here = _roster_here(identity)
    if here is None or here.serial < roster.serial:
        identity.keep_roster(kit.roster)
    identity.keep_kit(kit)
    return roster if here is None or here.serial < roster.serial else here


def add_to_roster(identity: Identity, request: JoinRequest, *, now_us: int) -> bytes:
    """The root names a node (or its further key) in the next serial; returns the signed roster.

    The node's parent must be listed. The same request again gives the present roster.
    """
    identity.roster_signer()
    request.verify(now_us=now_us)
    with identity.signing():
        roster = _founded(identity, now_us=now_us)
        grown = _with(roster, request, now_us=now_us)
        if grown is not roster:
            _publish(identity, grown)
        return _kept(identity)


def take_claims(
    identity: Identity, claims: Sequence[Claim], *, now_us: int
) -> tuple[tuple[Claim, FabricError], ...]:
    """The root signs the next serial with what was claimed, all of it at once; returns those it
    had to refuse, with why. Claims that the roster shows already change nothing."""
    identity.roster_signer()
    refused: list[tuple[Claim, FabricError]] = []
    with identity.signing():
        roster = grown = _founded(identity, now_us=now_us)
        for claim in claims:
            try:
                grown = _claimed(grown, claim, now_us=now_us)
            except FabricError as err:
                refused.append((claim, err))
        if grown is not roster:
            _publish(identity, replace(grown, serial=roster.serial + 1))
    return tuple(refused)


def require_proto(identity: Identity, proto: int, *, now_us: int) -> Roster:
    """The root asks every member to speak this protocol version or a newer one; links of those who
    do not stand still until they are upgraded. ``roster.proto`` for one that we do not speak."""
    identity.roster_signer()
    if not PROTO_MIN <= proto <= PROTO_MAX:
        raise Untrusted(
            f"this program speaks protocol {PROTO_MIN} to {PROTO_MAX}, not {proto}",
            code="roster.proto",
        )
    with identity.signing():
        roster = _founded(identity, now_us=now_us)
        if roster.min_proto == proto:
            return roster
        return _publish(identity, reissue(roster, now_us=now_us, min_proto=proto))


def list_own_keys(identity: Identity, *, now_us: int) -> Roster:
    """The root names its own further key in the next serial. Repeating changes nothing."""
    identity.roster_signer()
    with identity.signing():
        roster = _founded(identity, now_us=now_us)
        own = roster.member(identity.node)
        assert own is not None, "a root names itself first of all"
        grown = with_member(
            roster, replace(own, sign_keys=identity.public_keys()), now_us=now_us
        )
        return roster if grown is roster else _publish(identity, grown)


def revoke_in_roster(identity: Identity, node: NodeId, *, from_us: int, now_us: int) -> bytes:
    """The root revokes every key of ``node`` from a time on; returns the signed roster."""
    identity.roster_signer()
    with identity.signing():
        roster = _founded(identity, now_us=now_us)
        ended = without_keys_of(roster, node, from_us=from_us, now_us=now_us)
        if ended is not roster:
            _publish(identity, ended)
        return _kept(identity)


def renew_roster(
    identity: Identity,
    *,
    now_us: int,
    doors: Sequence[str] = (),
    capabilities: Sequence[str] = (),
) -> bool:
    """The root signs the next serial with the same members once half of the term is over; of
    itself it says then what it is told here.

    To be called at start and daily; True when there is a new one.
    """
    identity.roster_signer()
    with identity.signing():
        roster = _founded(identity, now_us=now_us)
        if now_us < roster.issued_at_us + _us(ROSTER_LIFE) // 2:
            return False
        members = [
            replace(one, endpoints=tuple(doors), capabilities=tuple(capabilities))
            if one.id == identity.node else one
            for one in roster.members
        ]
        _publish(identity, reissue(roster, now_us=now_us, members=members))
        return True


def retire(identity: Identity, node: NodeId, *, now_us: int) -> Child:
    """The parent's own revocation of a child, effective as soon as the running node looks."""
    child = identity.child(node)
    if child is None:
        raise Untrusted(f"{node} was never accepted here", code="request.stranger")
    retired = replace(child, retired_at_us=child.retired_at_us or now_us)
    identity.keep_child(retired)
    return retired


def retire_revoked(
    identity: Identity, roster: Roster | None, *, now_us: int
) -> tuple[NodeId, ...]:
    """The parent ends those children of which the roster ended every key that it knows them by:
    the root may have done that over its head. Returns them."""
    if roster is None:
        return ()
    ended = []
    for child in identity.children():
        member = roster.member(child.node)
        listed = member.sign_keys if member is not None else ()
        over = {
            key.key_id: key.revoked_from_us for key in listed
            if key.revoked_from_us is not None and key.revoked_from_us <= now_us
        }
        known = [key.key_id for key in child.request.sign_keys]
        every = len(over) == len(listed) and all(key_id in over for key_id in known)
        if child.retired_at_us is None and every:
            retire(identity, child.node, now_us=max(over[key_id] for key_id in known))
            ended.append(child.node)
    return tuple(ended)


def fingerprint_of(key: PublicKey) -> str:
    """Digest of a public sign key by its suite, hexadecimal: what administrators read out to each
    other."""
    return digest(suite_of(key.alg).digest, key.public).hex()


def make_key_claim(
    identity: Identity, keys: Sequence[tuple[PublicKey, Signer]], *, now_us: int
) -> bytes:
    """A node says that it goes over to new keys: sealed by the one it has, and by each new one."""
    claim = Claim(
        kind=ClaimKind.KEY, node=identity.node, by=identity.node, made_at_us=now_us,
        keys=tuple(key for key, _ in keys),
    )
    return seal_claim(claim, (identity.sign, *(signer for _, signer in keys)))


def _founded(identity: Identity, *, now_us: int) -> Roster:
    """The root's roster, the first if need be; inside ``signing``."""
    present = identity.roster()
    if present is not None:
        return present
    return _publish(identity, first_roster(
        root=identity.node, name=identity.name, key=identity.public_key(), now_us=now_us
    ))


def _with(roster: Roster, request: JoinRequest, *, now_us: int) -> Roster:
    """The roster that also names whoever makes this (proven) request."""
    read_csr(request.csr, node=request.node)
    if roster.member(request.parent) is None:
        raise Untrusted(
            f"adding {request.node}: its parent {request.parent} is not in the roster",
            code="roster.no_parent",
        )
    member = Member(
        id=request.node, parent=request.parent, name=request.name, sign_keys=request.sign_keys,
        endpoints=request.doors, capabilities=request.capabilities,
    )
    return with_member(roster, member, now_us=now_us)


def _claimed(roster: Roster, claim: Claim, *, now_us: int) -> Roster:
    """The roster that shows this claim; the same one if it does already."""
    member = roster.member(claim.node)
    if claim.kind is ClaimKind.ADD:
        assert claim.request is not None, "a claim was checked when it was read"
        # Its parent took it in when it made the claim; the way to here may have been long.
        claim.request.verify(now_us=min(claim.made_at_us, now_us))
        return _with(roster, claim.request, now_us=now_us)
    if claim.kind is ClaimKind.REVOKE:
        if member is None:
            return roster  # it was ended before anybody had told us of it
        if member.parent != claim.by:
            raise Untrusted(
                f"{claim.by} ends {claim.node}, which is not its child", code="claim.not_yours"
            )
        return without_keys_of(
            roster, claim.node, from_us=min(claim.from_us, now_us), now_us=now_us,
            only=claim.key_ids,
        )
    if member is None:
        raise UnknownPeer(
            f"a key of {claim.node}, which the roster does not list", code="roster.stranger"
        )
    return with_member(roster, replace(member, sign_keys=claim.keys), now_us=now_us)


def _publish(identity: Identity, roster: Roster) -> Roster:
    identity.keep_roster(sign_roster(roster, identity.roster_signer()))
    return roster


def _kept(identity: Identity) -> bytes:
    signed = identity.signed_roster()
    if signed is None:
        raise Untrusted(f"{identity.node} has no roster yet", code="roster.missing")
    return signed


def _roster_here(identity: Identity) -> Roster | None:
    return identity.roster() if identity.kit() is not None else None


def _keys(request: JoinRequest) -> tuple[frozenset[str], bytes, str]:
    csr = read_csr(request.csr, node=request.node)
    return (
        frozenset(key.key_id for key in request.sign_keys), spki_digest(csr), request.nkey
    )


def same_keys(one: JoinRequest, other: JoinRequest) -> bool:
    """Whether two requests are of one node with the same keys."""
    return one.node == other.node and _keys(one) == _keys(other)


def _expected(before: JoinRequest, now: JoinRequest, roster: Roster | None) -> bool:
    """Whether a known child comes with the keys it had, or with sign keys that the roster has
    listed since: it went over to them by a claim under the old one."""
    old, new = _keys(before), _keys(now)
    listed = {key.key_id for key in (roster.good_keys(now.node) if roster is not None else ())}
    return old[1:] == new[1:] and (old[0] == new[0] or new[0] <= listed)


def _shared(before: JoinRequest, now: JoinRequest) -> bool:
    old, new = _keys(before), _keys(now)
    return bool(old[0] & new[0]) or old[1] == new[1] or old[2] == new[2]


def _frozen(roster: Roster) -> Untrusted:
    return Untrusted(
        f"roster {roster.serial} expired more than 72 hours ago: nobody new until the root signs "
        "the next one",
        code="roster.frozen",
    )


def _plain(fingerprint: str) -> str:
    return fingerprint.replace(":", "").replace(" ", "").lower()


def _us(span: timedelta) -> int:
    return span // timedelta(microseconds=1)
