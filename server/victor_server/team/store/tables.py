"""The tables of version 0.1.0, in words that SQLite and PostgreSQL both read.

A released table is changed by a further step in `migrations/versions`, never here. Times are microseconds since 1970
in UTC, money billionths of a US dollar; texts that hold lists or objects are JSON. Every table of a tenant begins its
key with `tenant`: PostgreSQL's row-level security goes by it.
"""

INSTANCE_TABLES = {
    "instance": """
        name text primary key,
        value text not null
    """,
    "tenants": """
        name text primary key,
        log text not null unique,
        region text not null default '',
        disabled boolean not null default false,
        created_us bigint not null,
        revision bigint not null default 1,
        policy_version bigint not null default 1,
        policy text not null default '{}'
    """,
    "signing_keys": """
        purpose text not null,
        key_id text not null,
        public bytea not null,
        sealed bytea not null,
        created_us bigint not null,
        retired_us bigint,
        primary key (purpose, key_id)
    """,
}
"""What belongs to no tenant. `tenants.revision` rises with every change of who may do what: replicas watch it.
`tenants.log` names the tenant's audit log without naming the tenant."""

TENANT_TABLES = {
    "data_keys": """
        tenant text not null,
        key_id text not null,
        master_id text not null,
        wrapped bytea not null,
        created_us bigint not null,
        primary key (tenant, key_id)
    """,
    "users": """
        tenant text not null,
        subject text not null,
        role text not null,
        teams text not null default '[]',
        disabled boolean not null default false,
        revision bigint not null default 1,
        created_us bigint not null,
        primary key (tenant, subject)
    """,
    "login_nonces": """
        tenant text not null,
        nonce text not null,
        expires_us bigint not null,
        primary key (tenant, nonce)
    """,
    "spent_tokens": """
        tenant text not null,
        hash bytea not null,
        expires_us bigint not null,
        primary key (tenant, hash)
    """,
    "families": """
        tenant text not null,
        id text not null,
        subject text not null,
        kind text not null,
        install text not null default '',
        revoked boolean not null default false,
        created_us bigint not null,
        expires_us bigint not null,
        primary key (tenant, id)
    """,
    "refresh_tokens": """
        tenant text not null,
        hash bytea not null,
        family text not null,
        issued_us bigint not null,
        expires_us bigint not null,
        used_us bigint,
        primary key (tenant, hash)
    """,
    "api_tokens": """
        tenant text not null,
        id text not null,
        hash bytea not null,
        label text not null,
        subject text not null,
        role text not null,
        scopes text not null default '[]',
        operator boolean not null default false,
        created_us bigint not null,
        expires_us bigint not null,
        last_used_us bigint,
        revoked boolean not null default false,
        primary key (tenant, id)
    """,
    "provider_keys": """
        tenant text not null,
        name text not null,
        key_id text not null,
        sealed bytea not null,
        ending text not null default '',
        created_us bigint not null,
        primary key (tenant, name)
    """,
    "models": """
        tenant text not null,
        name text not null,
        document text not null,
        primary key (tenant, name)
    """,
    "budgets": """
        tenant text not null,
        scope text not null,
        subject text not null,
        period text not null,
        unit text not null,
        amount bigint not null,
        primary key (tenant, scope, subject, period, unit)
    """,
    "budget_use": """
        tenant text not null,
        scope text not null,
        subject text not null,
        period text not null,
        key text not null,
        used_tokens bigint not null default 0,
        used_nano bigint not null default 0,
        reserved_tokens bigint not null default 0,
        reserved_nano bigint not null default 0,
        primary key (tenant, scope, subject, period, key)
    """,
    "calls": """
        tenant text not null,
        subject text not null,
        call_id text not null,
        request_hash bytea not null,
        state text not null,
        replica text not null,
        lease_us bigint not null,
        has_said boolean not null default false,
        n_attempts bigint not null default 0,
        n_events bigint not null default 0,
        task text not null,
        team text not null default '',
        session_id text not null default '',
        model text not null default '',
        provider text not null default '',
        upstream text not null default '',
        region text not null default '',
        price text,
        day text not null,
        begun_us bigint not null,
        ended_us bigint,
        reserved_tokens bigint not null default 0,
        reserved_nano bigint not null default 0,
        input_tokens bigint not null default 0,
        output_tokens bigint not null default 0,
        cache_read_tokens bigint not null default 0,
        cache_write_tokens bigint not null default 0,
        counted boolean not null default true,
        nano bigint,
        cached boolean not null default false,
        details text not null default '{}',
        error text not null default '',
        message text not null default '',
        primary key (tenant, subject, call_id)
    """,
    "usage": """
        tenant text not null,
        day text not null,
        subject text not null,
        team text not null,
        source text not null,
        provider text not null,
        model text not null,
        calls bigint not null default 0,
        unpriced_calls bigint not null default 0,
        input_tokens bigint not null default 0,
        output_tokens bigint not null default 0,
        nano bigint not null default 0,
        primary key (tenant, day, subject, team, source, provider, model)
    """,
    "consents": """
        tenant text not null,
        subject text not null,
        purpose text not null,
        given boolean not null,
        at_us bigint not null,
        primary key (tenant, subject, purpose)
    """,
    "installs": """
        tenant text not null,
        install text not null,
        subject text not null,
        acked bigint not null default 0,
        created_us bigint not null,
        primary key (tenant, install, subject)
    """,
    "audit_state": """
        tenant text not null,
        size bigint not null,
        chain bytea not null,
        frontier bytea not null,
        at_us bigint not null,
        primary key (tenant)
    """,
    "audit_leaves": """
        tenant text not null,
        seq bigint not null,
        leaf text,
        leaf_hash bytea not null,
        chain bytea not null,
        at_us bigint not null,
        primary key (tenant, seq)
    """,
    "audit_payloads": """
        tenant text not null,
        seq bigint not null,
        pseudonym text not null,
        sealed bytea not null,
        primary key (tenant, seq)
    """,
    "audit_subjects": """
        tenant text not null,
        pseudonym text not null,
        subject text,
        wrapped bytea,
        created_us bigint not null,
        erased_us bigint,
        primary key (tenant, pseudonym)
    """,
    "audit_heads": """
        tenant text not null,
        size bigint not null,
        document text not null,
        primary key (tenant, size)
    """,
}
"""What belongs to one tenant."""

INDEXES = (
    "create unique index audit_subjects_by_subject on audit_subjects (tenant, subject)",
    "create index calls_open on calls (tenant, lease_us) where state = 'open'",
    "create index calls_by_time on calls (tenant, subject, begun_us)",
    "create index refresh_by_family on refresh_tokens (tenant, family)",
    "create index audit_by_pseudonym on audit_payloads (tenant, pseudonym)",
)

APPEND_ONLY = ("audit_leaves", "audit_payloads", "audit_heads")
"""The role that the backend runs as may add to these and read them; what is old goes by a function of their owner's."""


def statements() -> tuple[str, ...]:
    """All that makes the tables."""
    tables = {**INSTANCE_TABLES, **TENANT_TABLES}
    return (*(f"create table {name} ({columns})" for name, columns in tables.items()), *INDEXES)
