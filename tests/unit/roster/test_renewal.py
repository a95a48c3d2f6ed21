"""Newer papers for a child that is there: what is good when, and who gets nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hub.errors import FabricError
from hub.ids import NodeId
from hub.nats.accounts import LinkAccount, render
from hub.nats.users import accounts_of
from hub.roster import join, renewal
from hub.roster.documents import Endpoints, JoinRequest, Kit
from hub.roster.identity import RENEWED_FILE, Identity
from hub.roster.keyring import RosterKeyRing
from hub.roster.keys import NatsKey
from hub.suites.registry import ED25519
from tests.trees import CITY, DAY, DISTRICT, NOW, Tree, bring_in, grow, newcomer

LATER = NOW + 20 * DAY
HERE = Endpoints(grpc=("city.example:8443",), nats=("tls://city.example:4222",))


def ring(identity: Identity) -> RosterKeyRing:
    return RosterKeyRing(identity.roster(), ())


def granted(tree: Tree, request: JoinRequest, **more: object) -> Kit:
    child, kit = renewal.grant(
        tree.city, request, keys=ring(tree.city), endpoints=HERE, now_us=LATER, **more,  # type: ignore[arg-type]
    )
    tree.city.keep_child(child)
    return kit


def refused(tree: Tree, request: JoinRequest, **more: object) -> str:
    with pytest.raises(FabricError) as err:
        granted(tree, request, **more)
    return err.value.code


def good(tree: Tree) -> list[tuple[bytes, str]]:
    """TLS keys and nkeys that the city takes the district by, the newest last."""
    child = tree.city.child(DISTRICT)
    assert child is not None
    papers = (*child.before, (child.request, child.certificate))
    return [(certificate.spki_digest, request.nkey) for request, certificate in papers]


def users(identity: Identity) -> LinkAccount:
    key = NatsKey.generate()
    [account] = accounts_of(identity, lambda _link: key).links
    return account


def test_a_child_gets_a_certificate_for_fresh_keys_and_both_are_good_until_it_uses_them(
    tmp_path: Path,
) -> None:
    tree = grow(tmp_path)
    old = tree.district.client_tls.spki_digest(), tree.district.client_nats.public
    request = renewal.ask(tree.district, now_us=LATER)
    kit = granted(tree, request)
    assert kit.endpoints == HERE, "the child said where it reaches us"
    assert kit.roster == b"", "it has one"
    child = tree.city.child(DISTRICT)
    assert child is not None
    [(_, certificate)] = child.before
    assert certificate.spki_digest == old[0]
    both = users(tree.city)
    assert set(both.child_nkeys) == {old[1], request.nkey}

    certificate = renewal.take(
        tree.district, kit, roster=tree.district.roster(), now_us=LATER)
    again = Identity.load(tree.district.directory)
    for identity in (tree.district, again):  # the running one, and one that starts
        assert identity.client_tls.spki_digest() == certificate.spki_digest != old[0]
        assert identity.client_nats.public == request.nkey != old[1]
        assert identity.nats.public == old[1], "what derives from it stays"
    assert again.kit() == kit
    assert not renewal.confirm(tree.city, DISTRICT, "00ff")
    assert renewal.confirm(tree.city, DISTRICT, certificate.serial)
    assert not renewal.confirm(tree.city, DISTRICT, certificate.serial)
    assert users(tree.city).child_nkeys == (request.nkey,)
    # And once more, from the keys it has now.
    second = renewal.ask(tree.district, now_us=LATER)
    assert second.nkey not in {old[1], request.nkey}


def test_a_lost_answer_costs_nothing(tmp_path: Path) -> None:
    """Asked again for the same keys: the same certificate; what the child uses stays good."""
    tree = grow(tmp_path)
    first = granted(tree, renewal.ask(tree.district, now_us=LATER))
    second = granted(tree, renewal.ask(tree.district, now_us=LATER + 1))
    assert first.certificate == second.certificate
    other = renewal.ask(tree.district, now_us=LATER)
    for name in ("client-next.key", "client-next.seed"):  # it lost what it had asked for
        (tree.district.directory / name).unlink()
    other = renewal.ask(tree.district, now_us=LATER)
    third = granted(tree, other)
    child = tree.city.child(DISTRICT)
    assert child is not None
    assert child.before[0][0].nkey == tree.district.client_nats.public, "what it really uses"
    renewal.take(tree.district, third, roster=tree.district.roster(), now_us=LATER)
    with pytest.raises(FabricError) as stale:
        renewal.take(tree.district, first, roster=tree.district.roster(), now_us=LATER)
    assert stale.value.code == "kit.certificate"


def test_papers_that_nobody_heard_of_stay_good_when_the_next_are_issued(tmp_path: Path) -> None:
    """It took the second ones, the word that it uses them was lost, and so was the third answer."""
    tree = grow(tmp_path)
    first = tree.district.client_tls.spki_digest(), tree.district.client_nats.public
    second = granted(tree, renewal.ask(tree.district, now_us=LATER))
    used = renewal.take(tree.district, second, roster=tree.district.roster(), now_us=LATER)
    third = granted(tree, renewal.ask(tree.district, now_us=LATER))
    assert good(tree) == [first, (used.spki_digest, second.nkey), good(tree)[-1]]
    assert users(tree.city).child_nkeys == (third.nkey, first[1], second.nkey)
    assert renewal.confirm(tree.city, DISTRICT, used.serial)
    assert good(tree) == [(used.spki_digest, second.nkey), good(tree)[-1]], "the first ended"
    assert not renewal.confirm(tree.city, DISTRICT, used.serial)
    last = renewal.take(tree.district, third, roster=tree.district.roster(), now_us=LATER)
    assert renewal.confirm(tree.city, DISTRICT, last.serial)
    assert good(tree) == [(last.spki_digest, third.nkey)]
    assert not renewal.confirm(tree.city, DISTRICT, used.serial), "a word of before came late"


def test_what_it_is_known_to_use_stays_good_however_often_it_asks(tmp_path: Path) -> None:
    tree = grow(tmp_path)
    used = tree.district.client_tls.spki_digest(), tree.district.client_nats.public
    issued = []
    for _ in range(5):  # each time it loses the answer, and the keys that it asked with
        granted(tree, renewal.ask(tree.district, now_us=LATER))
        issued.append(good(tree)[-1])
        for name in ("client-next.key", "client-next.seed"):
            (tree.district.directory / name).unlink()
    assert good(tree) == [used, *issued[-renewal.BEFORE_MAX:]]


def test_a_start_in_the_middle_goes_on_with_it(tmp_path: Path) -> None:
    tree = grow(tmp_path)
    request = renewal.ask(tree.district, now_us=LATER)
    kit = granted(tree, request)
    folder = tree.district.directory
    (folder / RENEWED_FILE).write_text(kit.to_json())
    (folder / "client-next.key").rename(folder / "client.key")  # and then the power went
    again = Identity.load(folder)
    assert again.client_nats.public == request.nkey
    assert again.kit() == kit
    assert not (folder / RENEWED_FILE).exists()
    assert (folder / "client.pem").read_text() == kit.certificate


def test_whoever_was_retired_or_is_unknown_gets_nothing(tmp_path: Path) -> None:
    tree = grow(tmp_path)
    request = renewal.ask(tree.district, now_us=LATER)
    join.retire(tree.city, DISTRICT, now_us=LATER)
    assert refused(tree, request) == "renew.retired"
    street = renewal.ask(tree.street, now_us=LATER)
    assert refused(tree, street) == "request.stranger"


def test_only_a_sign_key_that_is_listed_and_good_proves_a_request(tmp_path: Path) -> None:
    tree = grow(tmp_path)
    grown = tree.district.going_over(ED25519, now_us=LATER)
    gone = grown.gone_over()  # too early: nobody has heard of the new key
    assert refused(tree, renewal.ask(gone, now_us=LATER)) == "renew.key"
    request = renewal.ask(tree.district, now_us=LATER)
    join.revoke_in_roster(tree.city, DISTRICT, from_us=LATER, now_us=LATER)
    assert refused(tree, request) == "renew.key"
    changed = replace(request, nkey=tree.street.nats.public)
    assert refused(tree, changed) == "request.proof"


def test_nobody_gets_the_mailbox_user_of_another(tmp_path: Path) -> None:
    tree = grow(tmp_path)
    other = newcomer(tmp_path, NodeId("420204"), CITY)
    bring_in(tree.city, other, tree.city)
    asked = join.request_of(
        tree.district, tls=tree.district.tls, nkey=other.nats.public,
        sign_keys=(tree.district.public_key(),), now_us=LATER, doors=(), capabilities=(),
    )
    assert refused(tree, asked) == "renew.nkey"


def test_where_the_mailbox_server_is_run_apart_the_user_stays(tmp_path: Path) -> None:
    tree = grow(tmp_path)
    fresh = renewal.ask(tree.district, now_us=LATER)
    assert refused(tree, fresh, fixed_nkeys=True) == "renew.nkey"
    kept = renewal.ask(tree.district, now_us=LATER, nkey=False)
    kit = granted(tree, kept, fixed_nkeys=True)
    renewal.take(tree.district, kit, roster=tree.district.roster(), now_us=LATER)
    assert tree.district.client_nats.public == tree.district.nats.public
    assert users(tree.city).child_nkeys == (tree.district.nats.public,)


def test_papers_that_the_parent_did_not_make_are_not_taken(tmp_path: Path) -> None:
    tree = grow(tmp_path)
    kit = granted(tree, renewal.ask(tree.district, now_us=LATER))
    roster = tree.district.roster()
    before = tree.district.kit()

    def code(forged: Kit) -> str:
        with pytest.raises(FabricError) as err:
            renewal.take(tree.district, forged, roster=roster, now_us=LATER)
        return err.value.code

    street_made = replace(kit, parent_keys=(tree.street.public_key(),)).signed(tree.street.sign)
    assert code(street_made) == "kit.parent_unlisted"
    assert code(replace(kit, nkey=tree.street.nats.public)) == "kit.proof"
    assert code(replace(kit, child=NodeId("420204")).signed(tree.city.sign)) == "kit.child"
    assert code(replace(kit, root_key=tree.street.public_key()).signed(tree.city.sign)) == (
        "kit.root")
    assert tree.district.kit() == before


def test_a_running_node_notices_what_another_process_did(tmp_path: Path) -> None:
    tree = grow(tmp_path)
    elsewhere = Identity.load(tree.district.directory)
    assert not tree.district.refresh()
    signers = tree.district.live_signers
    assert len(signers) == 1
    grown = elsewhere.going_over(ED25519, now_us=LATER, ends=True)
    assert tree.district.refresh()
    assert [key.key_id for key in signers] == [key.key_id for key in grown.signers]
    assert tree.district.held.keys.beside_ends
    gone = tree.district.gone_over()
    assert tree.district.refresh()
    assert not tree.district.refresh()
    assert (signers[0].key_id, len(signers)) == (gone.sign.key_id, 1)
    assert tree.district.live_signer.key_id == gone.sign.key_id


def test_the_root_ends_a_node_and_its_parent_follows(tmp_path: Path) -> None:
    tree = grow(tmp_path)
    assert join.retire_revoked(tree.city, tree.city.roster(), now_us=LATER) == ()
    join.revoke_in_roster(tree.city, DISTRICT, from_us=LATER, now_us=LATER)
    assert join.retire_revoked(tree.city, tree.city.roster(), now_us=LATER - 1) == (), "not yet"
    assert join.retire_revoked(tree.city, tree.city.roster(), now_us=LATER) == (DISTRICT,)
    child = tree.city.child(DISTRICT)
    assert child is not None
    assert child.retired_at_us == LATER
    assert join.retire_revoked(tree.city, tree.city.roster(), now_us=LATER) == ()
    # It comes back with new keys: the roster that ended the old ones does not end it again.
    back = newcomer(tmp_path / "again", DISTRICT, CITY, now_us=LATER)
    request = join.make_join_request(back, now_us=LATER)
    join.accept(tree.city, request, endpoints=HERE, now_us=LATER, rekey=True)
    assert join.retire_revoked(tree.city, tree.city.roster(), now_us=LATER + 1) == ()


def test_both_users_of_a_child_are_in_the_servers_configuration(tmp_path: Path) -> None:
    from hub.carriers.tls import TlsFiles
    from hub.nats.accounts import Accounts, ServerConfig

    config = ServerConfig(
        name="n", host="h", port=1, monitor_port=2, store=tmp_path, log=tmp_path / "log",
        tls=TlsFiles(ca=tmp_path, certificate=tmp_path, key=tmp_path), nobody="UN",
    )
    text = render(config, Accounts(links=(LinkAccount(
        child=DISTRICT, child_nkey="UA", parent_nkey="UP", child_nkeys_before=("UB",)),)))
    assert text.count('"UA"') == text.count('"UB"') == 1
    with pytest.raises(ValueError, match="share one nkey"):
        Accounts(links=(LinkAccount(
            child=DISTRICT, child_nkey="UA", parent_nkey="UP", child_nkeys_before=("UA",)),))
