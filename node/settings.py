"""Settings of one node: read once from ``<home>/wanmi.toml`` and ``WANMI_*``, then frozen.

Nothing else in the program reads the environment. Each field says its unit and why its default is
what it is; a nested field is set from outside as ``WANMI_HTTP__PORT``. What a node may do is not
here but in its profile (``node.profile``), and who exists is not here but in the roster.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from hub.errors import Untrusted
from hub.ids import NODE_ID
from hub.link.quota import Quota
from hub.roster import vault

FILE_NAME = "wanmi.toml"
TILE_HOST = re.compile(r"(https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?)/")
CREDENTIAL = "wanmi.passphrase"
"""``LoadCredential=wanmi.passphrase:/…`` of a systemd unit hands the passphrase over as this."""


class Section(BaseModel):
    """A frozen table of the settings file; unknown keys are mistakes, not extensions."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Node(Section):
    """Who this node is."""

    id: str
    """Region code or unified social credit code, as the roster lists it."""
    name: str = ""
    """What screens show; empty = the id."""
    profile: str = "district"
    """Name of a profile shipped with the package, or a path to a profile file."""
    adapters: tuple[str, ...] = ()
    """Ids of adapters to run; each has a folder ``adapters/<id>/`` in the home directory."""

    @field_validator("id")
    @classmethod
    def _is_node_id(cls, value: str) -> str:
        if not NODE_ID.fullmatch(value):
            raise ValueError("a node id is 2 to 32 of 0-9 and A-Z")
        return value


class Parent(Section):
    """The one parent, if any; all of it comes from the parent's kit."""

    id: str
    grpc: str = ""
    """``host:port`` of its link endpoint; several, separated by commas, where several processes
    serve the parent: they are tried in turn. Empty = those of the kit."""
    nats: str = ""
    """``tls://host:port`` of its mailbox server, several separated by commas (a cluster: whichever
    answers is taken); empty = those of the kit."""
    prefer: Literal["GRPC", "NATS"] = "GRPC"
    """Which carrier is tried first."""
    enrol: str = ""
    """``host:port`` of its door for invited nodes, where a certificate that ran out is renewed;
    empty = port 8444 where it is reached otherwise."""


class Http(Section):
    """The door for people and programs."""

    host: str = "127.0.0.1"
    """Loopback by default: a reverse proxy with TLS stands in front in production."""
    port: int = 8080
    """0 = any free port (tests, demo)."""
    public_url: str = ""
    """How browsers reach this node; used in form links. Empty = from host and port."""
    own_url: str = ""
    """How other processes of this node reach this one, e.g. ``http://10.0.0.12:8080``, where
    several share a PostgreSQL. Empty = from host and port."""
    body_bytes_max: int = 1024 * 1024
    """Largest body of a request, tables included; photos have ``limits.photo_bytes_max``."""
    changes_clients_max: int = 64
    """Listeners to the change feed at one time; each holds a connection and a batch in memory."""
    changes_heartbeat_s: float = 15.0
    """Silence on the change feed after which a comment is sent; proxies cut at 30 to 60 s."""
    metrics_open: bool = False
    """Serve ``/metrics`` without a token, to a collector on the same machine. Only honoured while
    ``host`` is a loopback address."""


class Public(Section):
    """What anybody may do without a token, beside following a report by number and code."""

    reports: bool = False
    """Citizens may post reports (``POST /public/reports``, and the page ``/public``)."""
    per_address_h: int = Field(default=5, ge=1, le=1_000)
    """Reports from one address within an hour."""
    per_minute: int = Field(default=30, ge=1, le=10_000)
    """Reports from everybody within a minute: what operators can look at."""
    photos_max: int = Field(default=3, ge=0, le=6)
    """Photos of one report on the page; 0 = none are taken."""
    photo_bytes_max: int = Field(default=6 * 1024 * 1024, ge=64 * 1024, le=10 * 1024 * 1024)
    """One of them. The page makes photos small before it sends them, where it can."""
    evaluation: bool = False
    """Tables that were published for everybody are shown at ``/public/results``."""
    address_header: str = ""
    """Header in which the reverse proxy names the caller's address, e.g. ``X-Real-IP``. Set it only
    where the proxy always overwrites it; empty = the connection's address."""


class OidcGrant(Section):
    """Whoever has ``value`` under ``claim`` gets these roles and this scope."""

    claim: str = Field(min_length=1, max_length=100)
    value: str = Field(min_length=1, max_length=200)
    roles: tuple[str, ...] = Field(min_length=1, max_length=20)
    areas: tuple[str, ...] = Field(default=(), max_length=50)
    classes: tuple[str, ...] = Field(default=(), max_length=50)
    units: tuple[str, ...] = Field(default=(), max_length=50)


class Oidc(Section):
    """A login service elsewhere (OpenID Connect); ``docs/operating/people.md``."""

    issuer: str = Field(
        pattern=r"^(https://[^\s?#]+|http://(127\.0\.0\.1|localhost)(:[0-9]{1,5})?(/[^\s?#]*)?)$")
    """As its discovery document says it; TLS, or the same machine."""
    client_id: str = Field(min_length=1, max_length=200)
    client_secret: SecretStr = SecretStr("")
    """Empty = a public client, which has PKCE alone."""
    title: str = "统一身份认证"
    """What the button says."""
    scopes: str = "openid profile"
    login_claim: str = "preferred_username"
    """Becomes the login name of a new account."""
    name_claim: str = "name"
    grants: tuple[OidcGrant, ...] = Field(default=(), max_length=200)
    """Asked in order; whom none fits does not come in."""


class Grpc(Section):
    """The door for children (only opened when this node has any)."""

    host: str = "127.0.0.1"
    port: int = 8443
    """0 = any free port."""
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1")
    """Names and addresses on the server certificate."""


class Roster(Section):
    """How the root names new members (``docs/operating/trust.md``)."""

    approve: bool = False
    """An administrator of the root looks at every new member that a parent claims; otherwise it is
    named at once."""


class Enrol(Section):
    """The door for nodes that are invited; open only while somebody may come. It listens where
    ``[grpc] host`` says."""

    port: int = 8444
    """0 = any free port."""
    second_approver: bool = False
    """Every invited node waits until another administrator than the one who invited approves."""


class MailboxServer(Section):
    """One nats-server of a cluster, on a machine of its own; ``wanmi mailboxes`` writes its files.
    ``docs/operating/mailboxes.md``."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")
    """Never changes: its copies of the mailboxes are known under it."""
    url: str = Field(pattern=r"^tls://(\[[0-9a-fA-F:]+\]|[^\s:/,]+):[0-9]{1,5}$")
    """``tls://host:port`` by which this node and its children reach it."""
    route: str = Field(pattern=r"^(\[[0-9a-fA-F:]+\]|[^\s:/,]+):[0-9]{1,5}$")
    """``host:port`` by which the other servers reach it; nobody else should."""
    monitor_port: int = Field(default=8222, ge=1, le=65_535)
    """Figures and health, on its own machine only."""


class Nats(Section):
    """The mailbox servers for children that use JetStream: one of our own, or a cluster."""

    embedded: bool = False
    """Start and watch a nats-server of our own beside this process."""
    host: str = "127.0.0.1"
    port: int = 4222
    """0 = any free port."""
    replicas: Literal[1, 3, 5] = 1
    """Servers that keep each mailbox: 3 outlive the loss of one, 5 of two."""
    servers: tuple[MailboxServer, ...] = ()
    """The cluster, instead of a server of our own."""

    @model_validator(mode="after")
    def _fits(self) -> Nats:
        if self.servers and self.embedded:
            raise ValueError("either embedded = true or [[nats.servers]], not both")
        if self.servers and len(self.servers) not in (1, 3, 5):
            raise ValueError("a cluster has 1, 3 or 5 servers: with an even number one more may "
                             "be lost and nothing is gained")
        if self.replicas > max(1, len(self.servers)):
            raise ValueError(f"replicas = {self.replicas} needs as many [[nats.servers]]; "
                             f"there are {len(self.servers)}")
        for what in ("name", "url", "route"):
            if len({getattr(one, what) for one in self.servers}) != len(self.servers):
                raise ValueError(f"two [[nats.servers]] have the same {what}")
        return self


class Keyring(Section):
    """What opens the private keys, where they are sealed (``wanmi keys protect``). Asked in this
    order: ``passphrase``, ``passphrase_file``, the service manager's credential."""

    passphrase: SecretStr = SecretStr("")
    """From the environment (``WANMI_KEYRING__PASSPHRASE``); never write it into a file beside the
    keys."""
    passphrase_file: str = ""
    """A file of mode 0600 outside of the home; relative to the home. Empty = none."""
    sign_days: int = Field(default=730, ge=0, le=730)
    """A sign key this many days old is changed while the node runs; the default is the term of a
    key. 0 = only by ``wanmi keys change``."""
    dual: tuple[str, ...] = ()
    """Ids of neighbours of whose words both seals are asked for, while they go over to another
    suite and both keys are listed. Take them out again before they end it."""


class Personal(Section):
    """Names and phones of reporters and callers (``docs/operating/trust.md``)."""

    sealed: bool = False
    """Seal them as they are written, under ``keys/data.key``, which is made then."""


class Database(Section):
    """Where everything is kept."""

    url: SecretStr = SecretStr("")
    """SQLAlchemy URL; empty = SQLite file ``data/wanmi.db`` in the home directory."""
    readers_count: int = Field(default=3, ge=1, le=16)
    """Read-only connections for screens."""

    @field_validator("url")
    @classmethod
    def _has_a_scheme(cls, url: SecretStr) -> SecretStr:
        if url.get_secret_value() and "://" not in url.get_secret_value():
            raise ValueError("write postgresql+psycopg://user:password@host/name, or nothing")
        return url


class Audit(Section):
    """The audit log."""

    keep_days: int = Field(default=1_095, ge=184)
    """How long a row is kept: three years; never less than the longest six months (网络安全法
    art. 21)."""
    head_every_min: int = Field(default=10, ge=1, le=1_440)
    """How often the node signs where its log ends, if anything was added. Whoever cuts the log
    short after that is found out."""
    anchor: str = ""
    """A file to which every signed head is appended, best on a disk or a share that the node's
    administrator cannot write otherwise; relative to the home. Empty = the heads stay in the
    database alone."""
    digest: Literal["sha256", "sm3"] = "sha256"
    """Digest of the chain for rows from now on; older rows keep theirs."""


class LinkQuota(Section):
    """What one neighbour may cost instead of what the others may; absent = as the others."""

    words_bytes_day: int | None = Field(default=None, ge=256 * 1024)
    photos_bytes_day: int | None = Field(default=None, ge=256 * 1024)
    parked_bytes: int | None = Field(default=None, ge=256 * 1024)


class Quotas(Section):
    """What each neighbour may cost this node, so that one that is broken or hostile does not fill
    the disk of all; ``docs/operating/quotas.md``."""

    words_bytes_day: int = Field(default=2 * 1024**3, ge=256 * 1024)
    """Sealed words of one link a day: a district of 5,000 cases a day says some 150 MiB, and a week
    without a line is caught up within a day."""
    photos_bytes_day: int = Field(default=32 * 1024**3, ge=256 * 1024)
    """Photos that are pulled over one link a day: 5,000 cases with four photos of 1.5 MiB."""
    parked_bytes: int = Field(default=256 * 1024**2, ge=256 * 1024)
    """Sealed words of one link that wait for a person or an upgrade."""
    of: dict[str, LinkQuota] = {}
    """By the id of the neighbour: ``[quota.of.420203]``."""

    def for_peer(self, peer: str) -> Quota:
        """The bounds of one neighbour."""
        own = self.of.get(peer, LinkQuota())
        return Quota(
            words_bytes_day=own.words_bytes_day or self.words_bytes_day,
            photos_bytes_day=own.photos_bytes_day or self.photos_bytes_day,
            parked_bytes=own.parked_bytes or self.parked_bytes,
        )


class Places(Section):
    """Distances in metres that a city may set for itself."""

    boundary_m: float = Field(default=20.0, ge=0, le=1_000)
    """A point this near to a border names the division beyond it too: about the error of a phone's
    position between buildings."""
    address_m: float = Field(default=200.0, ge=0, le=5_000)
    """How far the nearest address point may be to be named."""
    nearest_m: float = Field(default=3_000.0, gt=0, le=20_000)
    """How far around a point components are looked for."""


class BaseMap(Section):
    """Pictures under the maps of the console, from a service elsewhere such as 天地图. By default
    there are none, and a map asks nobody but this node. ``docs/console.md``."""

    tiles: str = ""
    """Address of a tile with ``{z}``, ``{x}``, ``{y}`` (and ``{key}``) in Web Mercator."""
    labels: str = ""
    """The same for names, drawn over the first."""
    key: SecretStr = SecretStr("")
    """What stands for ``{key}``. Browsers show it to whoever uses the map: let the service bind it
    to this node's address."""
    attribution: str = ""
    """What the service wants to be named as, with its approval number (审图号)."""
    zoom_max: int = Field(default=18, ge=1, le=22)
    """The service's finest zoom."""

    @field_validator("tiles", "labels")
    @classmethod
    def _is_a_template(cls, value: str) -> str:
        if value and not (TILE_HOST.match(value) and all(
                part in value for part in ("{z}", "{x}", "{y}"))):
            raise ValueError("expected https://host/… with {z}, {x} and {y}")
        return value

    @property
    def origins(self) -> tuple[str, ...]:
        """Whom a browser has to be allowed to ask: scheme and host, each once."""
        found = [TILE_HOST.match(one) for one in (self.tiles, self.labels)]
        return tuple(dict.fromkeys(one[1] for one in found if one))

    def filled(self, template: str) -> str:
        """A template as a browser uses it."""
        return template.replace("{key}", quote(self.key.get_secret_value(), safe=""))


class Limits(Section):
    """Bounds of the office. A bound that is hit is counted and visible, never silent."""

    command_keep_h: int = 72
    """Hours an answer is kept for a repeated command id."""
    photo_bytes_max: int = 10 * 1024 * 1024
    """One photo; a phone's full-size JPEG is 3 to 6 MB."""
    page_rows_max: int = 500
    """Rows of one page of any listing."""
    timeline_entries_max: int = 5_000
    """Entries of one merged timeline; a busy case has fewer than a hundred."""
    timer_batch_max: int = 200
    """Timers fired per transaction."""
    timer_poll_s: float = 15.0
    """Longest sleep between looks at the timers; steps of the wall clock show after this."""
    adapter_lease_s: float = 60.0
    """How long a claimed job is left alone before it counts as unknown and is claimed again."""
    adapter_retry_first_s: float = 2.0
    adapter_retry_max_s: float = 300.0
    """Back-off of adapter jobs: doubled from the first to the last."""
    question_timeout_s: float = 10.0
    """A person waits for a drill-down; beyond this the traces are shown."""
    hlc_ahead_max_ms: int = 60_000
    """A received clock value further ahead than this does not move ours."""
    start_check_s: float = Field(default=5.0, ge=0, le=3_600)
    """How long a start may look through a SQLite database for damaged pages (about 400 MB a
    second); the rest is left to ``wanmi verify``. 0 = do not look."""
    stop_grace_s: float = 10.0
    """How long open requests and the writer get when the node stops."""
    writer_queue_max: int = 4_096
    """Operations waiting for the writer; more raise ``Overloaded``."""
    keep_days: int = 30
    """Sealed bytes after acknowledgement; a peer's backup older than this cannot catch up."""
    disk_used_warn: float = 0.85
    """Share of the disk from which credit is 0."""
    disk_used_full: float = 0.95
    """Share of the disk from which new local cases are refused."""


class Settings(BaseSettings):
    """Everything a node is told from outside."""

    model_config = SettingsConfigDict(
        env_prefix="WANMI_", env_nested_delimiter="__", frozen=True, extra="ignore"
    )

    home: Path
    node: Node
    parent: Parent | None = None
    http: Http = Http()
    public: Public = Public()
    oidc: Oidc | None = None
    grpc: Grpc = Grpc()
    nats: Nats = Nats()
    keyring: Keyring = Keyring()
    roster: Roster = Roster()
    enrol: Enrol = Enrol()
    personal: Personal = Personal()
    database: Database = Database()
    audit: Audit = Audit()
    quota: Quotas = Quotas()
    places: Places = Places()
    map: BaseMap = BaseMap()
    limits: Limits = Limits()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "text"] = "json"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments over environment over the file of the home directory."""
        del dotenv_settings, file_secret_settings
        home = init_settings().get("home") or env_settings().get("home")
        file = TomlConfigSettingsSource(settings_cls, Path(str(home)) / FILE_NAME)
        return init_settings, env_settings, file

    def passphrase(self) -> bytes:
        """What opens the private keys. Raises ``Untrusted`` (``keys.passphrase``) if nothing was
        given."""
        given = self.keyring
        if text := given.passphrase.get_secret_value():
            return text.encode()
        if given.passphrase_file:
            return vault.passphrase_in(self.home / given.passphrase_file)
        folder = os.environ.get("CREDENTIALS_DIRECTORY", "")  # noqa: TID251 - here is its place
        if folder and (Path(folder) / CREDENTIAL).exists():
            return vault.passphrase_in(Path(folder) / CREDENTIAL)
        raise Untrusted(
            f"the private keys in {self.keys} are sealed, and no passphrase was given: neither "
            f"WANMI_KEYRING__PASSPHRASE nor [keyring] passphrase_file nor credential {CREDENTIAL}",
            code="keys.passphrase",
        )

    # --- where things live in the home directory ----------------------------------------------

    @property
    def database_url(self) -> str:
        """The URL to connect with; may hold a password, so never log it."""
        return self.database.url.get_secret_value() or f"sqlite:///{self.data / 'wanmi.db'}"

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def keys(self) -> Path:
        return self.home / "keys"

    @property
    def blobs(self) -> Path:
        return self.home / "blobs"

    @property
    def nats_home(self) -> Path:
        return self.home / "nats"

    @property
    def adapters_home(self) -> Path:
        return self.home / "adapters"


def load(home: Path, **override: object) -> Settings:
    """Read the settings of the node in ``home``; from then on this process may open its private
    keys. Raises pydantic's ``ValidationError``, whose message names the field."""
    settings = Settings(home=home, **override)  # type: ignore[arg-type]
    vault.offer(settings.keys, settings.passphrase)
    return settings
