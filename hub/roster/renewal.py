"""Newer papers for a child that is there already: its certificate, its TLS key and its nkey.

    child   ask(identity)                 -> JoinRequest  (for fresh keys, over the link)
    parent  grant(identity, request)      -> Child, Kit   (the keys of before are good as well)
    child   take(identity, kit)           -> uses the new ones from its next contact on
    parent  confirm(identity, node, ...)  -> the keys of before these end

What proves a request is the child's sign key, which the roster lists: a certificate may have run
out. So nothing here lets anybody in, and a child that was retired gets nothing. Each step works on
the files of one identity and is safe to repeat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hub.errors import UnknownPeer, Untrusted
from hub.ids import NodeId
from hub.roster import join
from hub.roster.authority import Certificate, at, verify_issued
from hub.roster.documents import Endpoints, JoinRequest, Kit
from hub.roster.identity import Child, Identity, Issued
from hub.roster.roster import Roster
from hub.seal import KeyRing

BEFORE_MAX = 3
"""Papers of before that are kept as good: those it is known to have used, and the newest."""


def ask(
    identity: Identity,
    *,
    now_us: int,
    nkey: bool = True,
    doors: Sequence[str] = (),
    capabilities: Sequence[str] = (),
) -> JoinRequest:
    """What the child shows its parent: fresh keys, under the sign key of today. ``nkey`` False:
    its mailbox user stays, where the parent cannot change that."""
    tls, nats = identity.asked_keys(nkey=nkey)
    return join.request_of(
        identity, tls=tls, nkey=nats.public, sign_keys=(identity.public_key(),), now_us=now_us,
        doors=doors, capabilities=capabilities,
    )


def grant(
    identity: Identity,
    request: JoinRequest,
    *,
    keys: KeyRing,
    endpoints: Endpoints,
    now_us: int,
    fixed_nkeys: bool = False,
) -> tuple[Child, Kit]:
    """The parent judges a request and issues what it asks for; the caller keeps the child and tells
    its mailbox server before it hands the kit out. ``endpoints``: as the child knows us; they go
    back to it.

    Raises ``Untrusted``: ``renew.retired``, ``renew.key`` (its sign key is not known, or ended),
    ``renew.nkey`` (somebody else's, or one that cannot be changed here), and what a join request is
    refused for; ``UnknownPeer`` (``request.stranger``).
    """
    request.verify(now_us=now_us)
    known = identity.child(request.node)
    if known is None:
        raise UnknownPeer(f"{request.node} was never accepted here", code="request.stranger")
    if known.retired_at_us is not None:
        raise Untrusted(f"{request.node} was retired: it gets no new papers", code="renew.retired")
    if request.parent != identity.node:
        raise Untrusted(
            f"{request.node} asks {request.parent}; this is {identity.node}", code="request.parent"
        )
    shown = {request.proof_key_id, *(key.key_id for key in request.sign_keys)}
    if any(keys.public(key_id, request.node, now_us) is None for key_id in shown):
        raise Untrusted(
            f"{request.node} proves its request by a key that is not known here, or has ended",
            code="renew.key",
        )
    _check_nkey(identity, known, request, fixed=fixed_nkeys)
    child = _renewed(identity, known, request, now_us=now_us)
    return child, join.kit_of(identity, child, endpoints=endpoints, now_us=now_us, roster=b"")


def take(identity: Identity, kit: Kit, *, roster: Roster | None, now_us: int) -> Certificate:
    """The child keeps newer papers once everything in them was checked. ``roster``: the newest we
    have; the kit carries none. Raises ``Untrusted`` or ``Unsealed`` as ``join.enter`` does."""
    kit.verify(now_us=now_us)
    present = identity.kit()
    if present is None or kit.child != identity.node or kit.parent != identity.parent:
        raise Untrusted(
            f"papers of {kit.parent} for {kit.child}; this is {identity.node}", code="kit.child"
        )
    if kit.root_key.key_id != present.root_key.key_id:
        raise Untrusted("these papers name another root than the one we joined", code="kit.root")
    good = roster.good_keys(kit.parent) if roster is not None else ()
    if all(key.key_id != kit.proof_key_id for key in good):
        raise Untrusted(
            f"these papers are under a key that no roster lists for {kit.parent}",
            code="kit.parent_unlisted",
        )
    certificate = verify_issued(kit.certificate, authority_pem=kit.ca, now=at(now_us))
    tls, nats = identity.asked_keys(nkey=kit.nkey != identity.client_nats.public)
    if certificate.node != identity.node or certificate.spki_digest != tls.spki_digest():
        raise Untrusted("the certificate is not for the key we asked for", code="kit.certificate")
    if kit.nkey != nats.public:
        raise Untrusted("the mailbox user is not the one we asked for", code="kit.nkey")
    identity.keep_renewed(kit)
    return certificate


def confirm(identity: Identity, node: NodeId, serial: str) -> bool:
    """A child was heard under papers it got: those of before these end. True if some did."""
    child = identity.child(node)
    if child is None:
        return False
    left = still_good(child.before, (child.request, child.certificate), serial)
    if left == child.before:
        return False
    identity.keep_child(replace(child, before=left))
    return True


def beside(before: tuple[Issued, ...], present: Issued) -> tuple[Issued, ...]:
    """What stays good beside papers that are issued for other keys than those of ``present``.

    A child asks for the next only once it took what it got, or lost the keys that it asked with:
    so it may use the present papers, although nobody has heard it say so yet, or earlier ones.
    """
    every = (*before, present)
    return (*every[:1], *every[max(1, len(every) - BEFORE_MAX + 1):])


def still_good(before: tuple[Issued, ...], present: Issued, serial: str) -> tuple[Issued, ...]:
    """What stays good beside ``present`` once the child was heard under the papers of this serial:
    nothing that is older than those. Of papers that are not known here nothing follows."""
    for n, (_, certificate) in enumerate((*before, present)):
        if certificate.serial == serial:
            return before[n:]
    return before


def _renewed(identity: Identity, known: Child, request: JoinRequest, *, now_us: int) -> Child:
    """The child with its next papers. Asked again for the same keys, before they were used: the
    same certificate, so that a lost answer costs nothing."""
    if join.same_keys(known.request, request):
        if known.before and now_us < known.certificate.renew_at_us:
            return known
        before = known.before
    else:
        # What the child uses now stays good until it is heard under what it gets now.
        before = beside(known.before, (known.request, known.certificate))
    authority = identity.authority(now_us=now_us)
    certificate = authority.issue(request.csr, node=request.node, now=at(now_us))
    return replace(known, request=request, certificate=certificate, before=before)


def _check_nkey(identity: Identity, known: Child, request: JoinRequest, *, fixed: bool) -> None:
    if fixed and request.nkey != known.request.nkey:
        raise Untrusted(
            f"the mailbox user of {request.node} cannot be changed over the link: its server is "
            "run apart", code="renew.nkey",
        )
    for other in identity.children():
        theirs = {other.request.nkey, *(earlier.nkey for earlier, _ in other.before)}
        if other.node != request.node and request.nkey in theirs:
            raise Untrusted(
                f"{request.node} asks for the mailbox user of {other.node}", code="renew.nkey"
            )
