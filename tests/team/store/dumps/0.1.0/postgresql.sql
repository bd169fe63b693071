--
-- PostgreSQL database dump
--


-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: victor_drop_old_records(bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.victor_drop_old_records(before_us bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
declare n bigint;
begin
  delete from audit_payloads p using audit_leaves l
    where p.tenant = current_setting('app.tenant', true) and l.tenant = p.tenant and l.seq = p.seq and l.at_us < before_us;
  update audit_leaves set leaf = null where tenant = current_setting('app.tenant', true) and at_us < before_us and leaf is not null;
  get diagnostics n = row_count;
  return n;
end $$;


--
-- Name: victor_remove_tenant(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.victor_remove_tenant(gone text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
begin
  if current_setting('app.tenant', true) is distinct from '*' or gone in ('', '*') then
    raise insufficient_privilege;
  end if;
  perform set_config('app.tenant', gone, true);
  delete from data_keys where tenant = gone;
  delete from users where tenant = gone;
  delete from login_nonces where tenant = gone;
  delete from spent_tokens where tenant = gone;
  delete from families where tenant = gone;
  delete from refresh_tokens where tenant = gone;
  delete from api_tokens where tenant = gone;
  delete from provider_keys where tenant = gone;
  delete from models where tenant = gone;
  delete from budgets where tenant = gone;
  delete from budget_use where tenant = gone;
  delete from calls where tenant = gone;
  delete from usage where tenant = gone;
  delete from consents where tenant = gone;
  delete from installs where tenant = gone;
  delete from audit_state where tenant = gone;
  delete from audit_leaves where tenant = gone;
  delete from audit_payloads where tenant = gone;
  delete from audit_subjects where tenant = gone;
  delete from audit_heads where tenant = gone;
  perform set_config('app.tenant', '*', true);
  delete from tenants where name = gone;
end $$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: alembic_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);


--
-- Name: api_tokens; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.api_tokens (
    tenant text NOT NULL,
    id text NOT NULL,
    hash bytea NOT NULL,
    label text NOT NULL,
    subject text NOT NULL,
    role text NOT NULL,
    scopes text DEFAULT '[]'::text NOT NULL,
    operator boolean DEFAULT false NOT NULL,
    created_us bigint NOT NULL,
    expires_us bigint NOT NULL,
    last_used_us bigint,
    revoked boolean DEFAULT false NOT NULL
);

ALTER TABLE ONLY public.api_tokens FORCE ROW LEVEL SECURITY;


--
-- Name: audit_heads; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_heads (
    tenant text NOT NULL,
    size bigint NOT NULL,
    document text NOT NULL
);

ALTER TABLE ONLY public.audit_heads FORCE ROW LEVEL SECURITY;


--
-- Name: audit_leaves; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_leaves (
    tenant text NOT NULL,
    seq bigint NOT NULL,
    leaf text,
    leaf_hash bytea NOT NULL,
    chain bytea NOT NULL,
    at_us bigint NOT NULL
);

ALTER TABLE ONLY public.audit_leaves FORCE ROW LEVEL SECURITY;


--
-- Name: audit_payloads; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_payloads (
    tenant text NOT NULL,
    seq bigint NOT NULL,
    pseudonym text NOT NULL,
    sealed bytea NOT NULL
);

ALTER TABLE ONLY public.audit_payloads FORCE ROW LEVEL SECURITY;


--
-- Name: audit_state; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_state (
    tenant text NOT NULL,
    size bigint NOT NULL,
    chain bytea NOT NULL,
    frontier bytea NOT NULL,
    at_us bigint NOT NULL
);

ALTER TABLE ONLY public.audit_state FORCE ROW LEVEL SECURITY;


--
-- Name: audit_subjects; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_subjects (
    tenant text NOT NULL,
    pseudonym text NOT NULL,
    subject text,
    wrapped bytea,
    created_us bigint NOT NULL,
    erased_us bigint
);

ALTER TABLE ONLY public.audit_subjects FORCE ROW LEVEL SECURITY;


--
-- Name: budget_use; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.budget_use (
    tenant text NOT NULL,
    scope text NOT NULL,
    subject text NOT NULL,
    period text NOT NULL,
    key text NOT NULL,
    used_tokens bigint DEFAULT 0 NOT NULL,
    used_nano bigint DEFAULT 0 NOT NULL,
    reserved_tokens bigint DEFAULT 0 NOT NULL,
    reserved_nano bigint DEFAULT 0 NOT NULL
);

ALTER TABLE ONLY public.budget_use FORCE ROW LEVEL SECURITY;


--
-- Name: budgets; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.budgets (
    tenant text NOT NULL,
    scope text NOT NULL,
    subject text NOT NULL,
    period text NOT NULL,
    unit text NOT NULL,
    amount bigint NOT NULL
);

ALTER TABLE ONLY public.budgets FORCE ROW LEVEL SECURITY;


--
-- Name: calls; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.calls (
    tenant text NOT NULL,
    subject text NOT NULL,
    call_id text NOT NULL,
    request_hash bytea NOT NULL,
    state text NOT NULL,
    replica text NOT NULL,
    lease_us bigint NOT NULL,
    has_said boolean DEFAULT false NOT NULL,
    n_attempts bigint DEFAULT 0 NOT NULL,
    n_events bigint DEFAULT 0 NOT NULL,
    task text NOT NULL,
    team text DEFAULT ''::text NOT NULL,
    session_id text DEFAULT ''::text NOT NULL,
    model text DEFAULT ''::text NOT NULL,
    provider text DEFAULT ''::text NOT NULL,
    upstream text DEFAULT ''::text NOT NULL,
    region text DEFAULT ''::text NOT NULL,
    price text,
    day text NOT NULL,
    begun_us bigint NOT NULL,
    ended_us bigint,
    reserved_tokens bigint DEFAULT 0 NOT NULL,
    reserved_nano bigint DEFAULT 0 NOT NULL,
    input_tokens bigint DEFAULT 0 NOT NULL,
    output_tokens bigint DEFAULT 0 NOT NULL,
    cache_read_tokens bigint DEFAULT 0 NOT NULL,
    cache_write_tokens bigint DEFAULT 0 NOT NULL,
    counted boolean DEFAULT true NOT NULL,
    nano bigint,
    cached boolean DEFAULT false NOT NULL,
    details text DEFAULT '{}'::text NOT NULL,
    error text DEFAULT ''::text NOT NULL,
    message text DEFAULT ''::text NOT NULL
);

ALTER TABLE ONLY public.calls FORCE ROW LEVEL SECURITY;


--
-- Name: consents; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.consents (
    tenant text NOT NULL,
    subject text NOT NULL,
    purpose text NOT NULL,
    given boolean NOT NULL,
    at_us bigint NOT NULL
);

ALTER TABLE ONLY public.consents FORCE ROW LEVEL SECURITY;


--
-- Name: data_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.data_keys (
    tenant text NOT NULL,
    key_id text NOT NULL,
    master_id text NOT NULL,
    wrapped bytea NOT NULL,
    created_us bigint NOT NULL
);

ALTER TABLE ONLY public.data_keys FORCE ROW LEVEL SECURITY;


--
-- Name: families; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.families (
    tenant text NOT NULL,
    id text NOT NULL,
    subject text NOT NULL,
    kind text NOT NULL,
    install text DEFAULT ''::text NOT NULL,
    revoked boolean DEFAULT false NOT NULL,
    created_us bigint NOT NULL,
    expires_us bigint NOT NULL
);

ALTER TABLE ONLY public.families FORCE ROW LEVEL SECURITY;


--
-- Name: installs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.installs (
    tenant text NOT NULL,
    install text NOT NULL,
    subject text NOT NULL,
    acked bigint DEFAULT 0 NOT NULL,
    created_us bigint NOT NULL
);

ALTER TABLE ONLY public.installs FORCE ROW LEVEL SECURITY;


--
-- Name: instance; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.instance (
    name text NOT NULL,
    value text NOT NULL
);


--
-- Name: login_nonces; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.login_nonces (
    tenant text NOT NULL,
    nonce text NOT NULL,
    expires_us bigint NOT NULL
);

ALTER TABLE ONLY public.login_nonces FORCE ROW LEVEL SECURITY;


--
-- Name: models; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.models (
    tenant text NOT NULL,
    name text NOT NULL,
    document text NOT NULL
);

ALTER TABLE ONLY public.models FORCE ROW LEVEL SECURITY;


--
-- Name: provider_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.provider_keys (
    tenant text NOT NULL,
    name text NOT NULL,
    key_id text NOT NULL,
    sealed bytea NOT NULL,
    ending text DEFAULT ''::text NOT NULL,
    created_us bigint NOT NULL
);

ALTER TABLE ONLY public.provider_keys FORCE ROW LEVEL SECURITY;


--
-- Name: refresh_tokens; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.refresh_tokens (
    tenant text NOT NULL,
    hash bytea NOT NULL,
    family text NOT NULL,
    issued_us bigint NOT NULL,
    expires_us bigint NOT NULL,
    used_us bigint
);

ALTER TABLE ONLY public.refresh_tokens FORCE ROW LEVEL SECURITY;


--
-- Name: signing_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.signing_keys (
    purpose text NOT NULL,
    key_id text NOT NULL,
    public bytea NOT NULL,
    sealed bytea NOT NULL,
    created_us bigint NOT NULL,
    retired_us bigint
);


--
-- Name: spent_tokens; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.spent_tokens (
    tenant text NOT NULL,
    hash bytea NOT NULL,
    expires_us bigint NOT NULL
);

ALTER TABLE ONLY public.spent_tokens FORCE ROW LEVEL SECURITY;


--
-- Name: tenants; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.tenants (
    name text NOT NULL,
    log text NOT NULL,
    region text DEFAULT ''::text NOT NULL,
    disabled boolean DEFAULT false NOT NULL,
    created_us bigint NOT NULL,
    revision bigint DEFAULT 1 NOT NULL,
    policy_version bigint DEFAULT 1 NOT NULL,
    policy text DEFAULT '{}'::text NOT NULL
);

ALTER TABLE ONLY public.tenants FORCE ROW LEVEL SECURITY;


--
-- Name: usage; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.usage (
    tenant text NOT NULL,
    day text NOT NULL,
    subject text NOT NULL,
    team text NOT NULL,
    source text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    calls bigint DEFAULT 0 NOT NULL,
    unpriced_calls bigint DEFAULT 0 NOT NULL,
    input_tokens bigint DEFAULT 0 NOT NULL,
    output_tokens bigint DEFAULT 0 NOT NULL,
    nano bigint DEFAULT 0 NOT NULL
);

ALTER TABLE ONLY public.usage FORCE ROW LEVEL SECURITY;


--
-- Name: users; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.users (
    tenant text NOT NULL,
    subject text NOT NULL,
    role text NOT NULL,
    teams text DEFAULT '[]'::text NOT NULL,
    disabled boolean DEFAULT false NOT NULL,
    revision bigint DEFAULT 1 NOT NULL,
    created_us bigint NOT NULL
);

ALTER TABLE ONLY public.users FORCE ROW LEVEL SECURITY;


--
-- Data for Name: alembic_version; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.alembic_version VALUES ('0001');


--
-- Data for Name: api_tokens; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.api_tokens VALUES ('default', 'ada', '\x198c4e0487821b4369f4816832c16d68d6724483c1072625ffb15bd8c013397c', 'for tests', 'ada', 'developer', '[]', false, 1, 2, NULL, false);
INSERT INTO public.api_tokens VALUES ('default', 'ben', '\xccece58bc0e9e50bb793316e337da2e39cc4c18dadca5b2d34db6d4367ed1885', 'for tests', 'ben', 'developer', '[]', false, 1, 2, NULL, false);
INSERT INTO public.api_tokens VALUES ('default', 'eve', '\x15f031b50fe026f102ea8ea309914033fb46f5f612805db397e547e36084071c', '', 'p-c1acb0731985f9a3365c4d2e', 'developer', '[]', false, 1, 2, NULL, true);


--
-- Data for Name: audit_heads; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audit_heads VALUES ('default', 12, '{"log":"log-of-default","size":12,"root":"xNEqXnpzRnO_398SQvmtpJCbk2Vi6H7UnRZgHHtUXFI","chain":"Qs3P45JV6CWjgEsDk-9A8-yNuMoFMt1AxYWtahbPdrs","at_us":1795398082564490,"key_id":"audit-9f5e8ec85f4b","signature":"RkTOZPT22lyGIi5X0yyvBzwBN6wEFPDpR64etLnj2xJEfDD0guV3WEJD1I5ww5AC20sPVq6ATgjrk9ELPCvuAQ"}');
INSERT INTO public.audit_heads VALUES ('default', 14, '{"log":"log-of-default","size":14,"root":"6djE9sKZoV78PyqqilfBHO40db-hG0d7c8SupoUuieU","chain":"g5NqJh52CSuiXnaXf1GgyFlr70o5DNb_C6ghmrCA4Zo","at_us":1795398082593912,"key_id":"audit-9f5e8ec85f4b","signature":"4g6md8ghIl4CS2O0-ULkSeqXqKYO-umiV-UK3ePUpwCFuQmra5ZuRVIm5ox3YQSWQ7UBtKWN2-TwO31mCX4ACw"}');
INSERT INTO public.audit_heads VALUES ('default', 15, '{"log":"log-of-default","size":15,"root":"1Vb7rt58jGp0NWsFW8YxxRt83tGqBhPLcDu9KdcmzpM","chain":"40vicLPRbtvrZ_IdqklM_4RIX4xvVD1j5TvaKQaF7UU","at_us":1795398082600089,"key_id":"audit-9f5e8ec85f4b","signature":"On1QDQ1J-_mKTk4Y605OAoFDTm4FGAxHlMhEYwFgGEuZnXXXramE8ccZeAXAP96lCMtQTIRFmunqwSU02QBEDw"}');


--
-- Data for Name: audit_leaves; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audit_leaves VALUES ('default', 1, '{"action":"model_call.end","commitment":"79db3b6920aa6820c9b596560006e812455ecb4af7728d4cd0433db45f20ab4b","log":"log-of-default","model":"m","provider":"anthropic","pseudonym":"p-f148d365142add8cad09a329","seq":1,"source":"gateway","success":true,"time":1795398082541354,"v":1}', '\x71e805f1970200d360f8416f707b4a585909bb4b94d82bdecc6500dec306ad34', '\xafb8da64d73a37bb637a8886c06116ef8780c94d999ef4fcbd326bb98710577d', 1795398082541354);
INSERT INTO public.audit_leaves VALUES ('default', 2, '{"action":"model_call.end","commitment":"9d6040090cdd239e3c9b6fc6bd7c7fda7273fac36f57395998cffa7687b830a2","log":"log-of-default","model":"m","provider":"anthropic","pseudonym":"p-fbb85e28b15da7f9355fae91","seq":2,"source":"gateway","success":true,"time":1795398082544230,"v":1}', '\x677b97a62c7ef1235314532a8dd3ed032cf3ab192d0075a47dfca07611b8cd9f', '\x537d269584b00115d5854b41f03f9984d33e1a79446556e226f732d840aa90ef', 1795398082544230);
INSERT INTO public.audit_leaves VALUES ('default', 3, '{"action":"model_call.end","commitment":"506c8f2cc30b6de59805fcbebbf8ae6c68057f6210797b72737a9de8e8c1deb5","log":"log-of-default","model":"m","provider":"anthropic","pseudonym":"p-c1acb0731985f9a3365c4d2e","seq":3,"source":"gateway","success":true,"time":1795398082546049,"v":1}', '\xc3c526d2876618f08511522829a6bdf60e9ecf52a7e5f3ad2cf520d7e27b9097', '\xc96b3d436fae279cab5a859288787371671cddef45ad2f5230a02c0f8c79d069', 1795398082546049);
INSERT INTO public.audit_leaves VALUES ('default', 4, '{"action":"model_call.end","commitment":"6472eb877988b4835891e81d3c4ad30298832d91b075c2427b2e54f5f54f22ee","log":"log-of-default","model":"m","provider":"anthropic","pseudonym":"p-f148d365142add8cad09a329","seq":4,"source":"gateway","success":true,"time":1795398082547438,"v":1}', '\x404704c4888d177b80f34d974ff0673a2156b5455340a8463e34da4885549967', '\xf3c1fd7176a96e0844b4caff1ce0f7ce0dc81ef9bfcc07836f6e3bd7d64429f4', 1795398082547438);
INSERT INTO public.audit_leaves VALUES ('default', 5, '{"action":"model_call.end","commitment":"70fb1edf8d3ae04029f95a2dbaaaec8ef9fe304ee414215090effcd393d2e45a","log":"log-of-default","model":"m","provider":"anthropic","pseudonym":"p-fbb85e28b15da7f9355fae91","seq":5,"source":"gateway","success":true,"time":1795398082548792,"v":1}', '\xede5a8467042f7e2c688d2d46d85aac03504cba4da85e440c25ef5e96d303f68', '\x790921357fca4e668207e1e5dc73fdffeb335124a347e66f137feba68f55205f', 1795398082548792);
INSERT INTO public.audit_leaves VALUES ('default', 6, '{"action":"model_call.end","commitment":"83cbddaa9efe62eb7e1bc4617d39959b66947ab7f46cb05f0f335674fd5f9db9","log":"log-of-default","model":"m","provider":"anthropic","pseudonym":"p-c1acb0731985f9a3365c4d2e","seq":6,"source":"gateway","success":true,"time":1795398082550025,"v":1}', '\xe838b024a5e123ef47001261cff0689d1deb57e0a5b7b204be429854c0404778', '\xbea10ea2ea097a9c61f8b1911d692c301fc1d032ab5235c8523673bfa56f30e8', 1795398082550025);
INSERT INTO public.audit_leaves VALUES ('default', 7, '{"action":"model_call.end","commitment":"f4341fc23e2f8de62c719200cc9855897bc0e469c7a194b8d846698dc3c3b1d6","log":"log-of-default","model":"m","provider":"anthropic","pseudonym":"p-f148d365142add8cad09a329","seq":7,"source":"gateway","success":true,"time":1795398082551072,"v":1}', '\xc4fb38161a14fb31a2b42e8d00b03779dfe2b34076bd280a3a951a7a54ab266e', '\xa8100559d82261762ee91f4d5f4d5712fed9986bfefb9c249b7ae1761cbdff65', 1795398082551072);
INSERT INTO public.audit_leaves VALUES ('default', 8, '{"action":"model_call.end","commitment":"179c7b2810841fb3445fe1c067d6a0235647454690ca24805530acfc22c55f4e","log":"log-of-default","model":"m","provider":"anthropic","pseudonym":"p-fbb85e28b15da7f9355fae91","seq":8,"source":"gateway","success":true,"time":1795398082551985,"v":1}', '\xdc3e62c3b6cfa561175692c6d44423d6aedc95b7a286d083bbdb43dec512c530', '\x02d96c164562f7d45b318fe4c6f517fbaa56ca717cc5e77a68851917178eee13', 1795398082551985);
INSERT INTO public.audit_leaves VALUES ('default', 9, '{"action":"model_call.end","commitment":"4a4cb27dfb2ca46912fa79665ddadaafd0e3fc4c765402b5406e224241ecfc86","log":"log-of-default","model":"m","provider":"anthropic","pseudonym":"p-c1acb0731985f9a3365c4d2e","seq":9,"source":"gateway","success":true,"time":1795398082552877,"v":1}', '\xb459323f5fba2f944ecee4713c6dafe0292f5f0adc398a1c21562f3fe4e167aa', '\x7be04c444ad9f784cecd1ecd924c7fdb01f1043ec93c1289000f2d718c467e56', 1795398082552877);
INSERT INTO public.audit_leaves VALUES ('default', 10, '{"action":"model_call.end","commitment":"fa3746fe0a0bd3ecb236e7b3fe7e289e7ae8e10b1ea05ae29affdc039127be6f","log":"log-of-default","model":"m","provider":"anthropic","pseudonym":"p-f148d365142add8cad09a329","seq":10,"source":"gateway","success":true,"time":1795398082553829,"v":1}', '\x20d5efb6baf967bba6d8c46e0335d8e7130930b0542088b807ff3b68a22e43b6', '\x02af496b4b20f66f4bae7451785fe583b9d8938b0531437136e02d15ef3d6954', 1795398082553829);
INSERT INTO public.audit_leaves VALUES ('default', 11, '{"action":"model_call.end","commitment":"adab8a87d3e66166641af772e12c806240cc67b567962dc44ff827ddb6da5900","log":"log-of-default","model":"m","provider":"anthropic","pseudonym":"p-fbb85e28b15da7f9355fae91","seq":11,"source":"gateway","success":true,"time":1795398082554756,"v":1}', '\x980077ae29e12110c7df59b51fd760d9d120573ee6145a72eecd2192c0962d6f', '\xf68402d450382a2e3c6e222da67bf471401de29b358aa4a03d4f7d6ddb840261', 1795398082554756);
INSERT INTO public.audit_leaves VALUES ('default', 12, '{"action":"model_call.end","commitment":"a77a8c6eff6da2567ef6c185007a80574bfeaba8f91aabfb2aecce9ad9c779c8","log":"log-of-default","model":"m","provider":"anthropic","pseudonym":"p-c1acb0731985f9a3365c4d2e","seq":12,"source":"gateway","success":true,"time":1795398082555649,"v":1}', '\x68e6dd8d410efa397337b027034edddd4b32f9396c1d259f1635af4f99303a08', '\x42cdcfe39255e825a3804b0393ef40f3ec8db8ca0532dd40c585ad6a16cf76bb', 1795398082555649);
INSERT INTO public.audit_leaves VALUES ('default', 13, '{"action":"audit.erased","commitment":"07fa8e7202810bf567abca774a6acd8386f6e557f274ad75d15e6a711395a4b4","log":"log-of-default","model":"","provider":"","pseudonym":"p-c1acb0731985f9a3365c4d2e","seq":13,"source":"gateway","success":true,"time":1795398082589915,"v":1}', '\xefcb7b3b4fdd7ad060ff408380990f57f64591f70fd4b8b5942d42ad95a78023', '\x7a8b2583f8660f27717be6b6b353df58f0a3523b2eff2bde2ee282c9f132cc58', 1795398082589915);
INSERT INTO public.audit_leaves VALUES ('default', 14, '{"action":"audit.erase","commitment":"9ee1d27df912ac4e869011e4734039ffcbf9317b818e5becd0f782513e6799be","log":"log-of-default","model":"","provider":"","pseudonym":"p-f148d365142add8cad09a329","seq":14,"source":"gateway","success":true,"time":1795398082589915,"v":1}', '\xb909ca51057a48805dcfae408fd3cd8ef88d32c248bd6f6d88d015edec060fef', '\x83936a261e76092ba25e76977f51a0c8596bef4a390cd6ff0ba8219ab080e19a', 1795398082589915);
INSERT INTO public.audit_leaves VALUES ('default', 15, '{"action":"model_call.end","commitment":"fc2e9f26d7c427cb13e95872b9658f0e69d1fae420141a55a2e36ac1e5e4e783","log":"log-of-default","model":"m","provider":"anthropic","pseudonym":"p-f148d365142add8cad09a329","seq":15,"source":"gateway","success":true,"time":1795398082598168,"v":1}', '\x9eecdb190b67d6d6e3e501f437420a127111e28be871644d2d8c9b111c7a548d', '\xe34be270b3d16edbeb67f21daa494cff84485f8c6f543d63e53bda290685ed45', 1795398082598168);


--
-- Data for Name: audit_payloads; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audit_payloads VALUES ('default', 1, 'p-f148d365142add8cad09a329', '\x7b989846c60998a08d9fd3267c16b694836e941f641ea26f07903d4d5b92d78a6f8279d1874780c4920818f151858108119e483b7e92b56d939c814c86e1410dcac2486c3f08bb183834f39c98ed231dc18fa6fb13b99934e4500bb05458de4e3a23b9d605609a353c6e9eebef8745cc9e38ee7958a0bdda9b3a6deb966dee0e918cacd7fe3ce144b7972bb3ef6ad45dd549665cb7a5c7982557840d7f2f747751c51fa9e85402faec0cedf34ec62940f065d0a03c41764712f4ed3d44ebbaf6103244c4a625920569c567a63a8fd65122b39a85edbddb998f3ad0d7b5766e6b57e2a51da1d100e84d65e818dfb236a52838d0a4a977ae88f034b1d819e27fb527633f9d0b9f78e23308b290063a1a4b5b71457aeea3c84765827b4345a3334239380f60aa84cf908c66a15807a403c6d27080');
INSERT INTO public.audit_payloads VALUES ('default', 2, 'p-fbb85e28b15da7f9355fae91', '\x1932d36d17dc81873cbd5e97d579dc07aac4d564f66458cb183150f7f81fd86e39ee23945b1f6b3405f3cef6595e1a7ed6c71eabc51ed0d79735d8a6cbf39ca81afee8e7b7ac0ae0b056e22628cbff1fcb55d92ddc0af3d59a95ca68ae533793a28b558cb3aaac9ee00b7376dbc8d2ff87584c08b7b6e77f4a4c24ea06f1f165c577c1a3462fd5bca47d4b8d795332b707e6e41731cca1ea0b41b6bd11264f96381146dc260733d9059f1830d2180486464de84f54762f0d83a6df47a5c9e7bf9ae5ea1b2df40c43b8155a26c498e0af13021dd67cebe483d8dd73a4c08b3cc2ed32dbbffef32e7f24f9668e2799583b4a7fdc9258dab93314a55a38e8de264da115f4dcd91cacfcdf2a2d536aba0edc54d664065207b6a77903258c75bf09f06727d0a63b5367dfee148abc89eb09971f356b');
INSERT INTO public.audit_payloads VALUES ('default', 3, 'p-c1acb0731985f9a3365c4d2e', '\xf0a6027fd96f5a1d99dbfa2b25e51c6e4e05836439be206567cb1bd26726a491b246ffca1faba30b106294e612ca482156e376a9445b24291e8ded23d937448eafb7cb15bb4b1fb95e68d6e30b5d8ddd7f03d3ed60dd13c1328dc1a86fa3103175e57647f1808fa19b152a13b80fde9c8c88d1df18d8da95e772773a8c505bd655d2947feb022aca7c84ae76ab4322ba8d88eb55757d29e04fc2e378da4a3d9ba75d2d1d12bf1c071ebc9fab1736143e8ea893b79e9f869fea2128aadde63de805a87c37f74650a1840f0fcc853873bd833a78b445c6df737ff4fe1fe907b86f69e8b2e1f0a5b75e5bff50d4526d4b633eac74ad4c4d494413c01d432ddd21eb9cb294ad1ac3c504ce52546193a426c67920352a74ee22dea22d7652e9986728bc0f5be1015c0edf0f6d7d49c8ce72ebd122fc');
INSERT INTO public.audit_payloads VALUES ('default', 4, 'p-f148d365142add8cad09a329', '\x2ee2e2a7498e87979c66a80ef95a00fc75578f57b7797b4a7fc76bd6e667230654c3099ed8a0127f9e9ca5cec0be2ae5ce66c143181acf64445d683a19856a084d882f50c5189985077024a7766dbc2e4d2befac246c1a86be821dee0b772a265ad15b6b6a17373bb6299d942258a798561855db7b81ab807cd82b31ab250fb4b5e96a4bd609d66c4b3df688f04df00df7012bbdf4867992a9106bd02cc8f6a546ee9824a236373850ad2d748f156866f4bb110e82c004487d611af49bd56247bb626e3608bf21010c548ce0e4e3e33dc9064444ca3ce07ed3df0732133c00a2a02643edecf1f73a2a7767e60fc022c6ae9d628adea7cb450c52e9cfaf99e09a9d9d34f2cdd125d7d1b369f859bcdcc5edfe5500664bf8950fe61429e4f3d83116a94cf4a6b1d65083927d9e482a64955340b7');
INSERT INTO public.audit_payloads VALUES ('default', 5, 'p-fbb85e28b15da7f9355fae91', '\x88224fa73d422bd90ee4f60040d9408725655c879b2c70ed83968d77e496c78202db1a081f76b476bac6ddb151950c7eb97dcaeea095dff234924395cf468ca420ba5dc8d4495aab99065afb92afe88c35c36313325e6bdc75c395d33bb32ea556358dc82cb7e940d50000a8007225e332f6bc4695e7887a021bd1fe83ffe64c99d8614763bdd6f2e4b1e94603ef1ea31e6a0e0996df050b5682d4b8f644cc7dbe826dc82c3a6a38421ae4b268638cfad67c1863162de8c6ebb94bc70786a2eb239123579d30f959342f9badd90224958ecbebccd2015e5e4b7757fb20816fc7333b1d189d859e70e6ee1c16df845c922fde395c9fd953ea081ddc9291a3c50dfd21fa88db2f6e7ed630ae00837a2612885d4570f37624a503e03500a8534f6966650a087732c5d33a0e34bfcfb1782a962789');
INSERT INTO public.audit_payloads VALUES ('default', 6, 'p-c1acb0731985f9a3365c4d2e', '\xccb54f1fcefd140f701761dd6efc2dee4c410abcbf6b4f07122862bc3f64137cc63f9108ec2879767ff070d3ab6d4eae0fb1e0ce6c31513b8b40f2b9aaf1690703caa8f13eb7b27a2041d84a0ad3f80e3e6e3271b44a6b6af661f79e55a268b7ac13976b310e535bcd03d04839997e3807274cb4e3abdb8e9aa60263bf2ea2c674abda3b5d7eeb7729dcb25597d0b9cf9147da20e5e093f8fa3d122ccf178d1cdbd08ae0b182bb2dda3d3cd4eaf4a2ba8227587382060bbfb45da6d3339e0ade3d92f988da21ce17f8e95f9fbf7553c15f67f3ed0f1b034e3fabb64e9f1f5625cf9ed632fe41df29b833526b8fba06c65c52e7fb7ec49a0d0b0a4f5146ed165af226366dd1f8f21ea27e9177253ac03f48251c24d03afba94e1d819690819d30c213ab8e30841224e266b6a355407b2d657e19');
INSERT INTO public.audit_payloads VALUES ('default', 7, 'p-f148d365142add8cad09a329', '\x5fc74d66ded64817f6f28174def8f7c9e37e9179971424e05c54f1cdffae841d2d52b7beb92e753847ec6fb840cba2d8b0a27d475bee250135aed743614f6f32e1843dbbc7c28619c308780517f2866f4f4b0f12817edad9be793f7de318f78a7be82bbca5a66480ce20af0554cd3379d233c0352d8ed8a867508080d32750c5e60aeb6e9e02e4fb0c9b40bfaed082d3b4272ebab8964f1bef6460fa8940be87fd0a0510c587fde7947455113553d3f9e996317d3da1d831fb434cebd0d8d60c8ae04756907a2f0f96771878498015170d709d404ed4988d5db835a67ce607e96a24dcc795a778976028f2d7176dacfc2a603520784c6f70405b89b6144d620ce22aa7ee4796c705f6b07324600f271a42f5d83d97ea9aaca76a1294553aceb0de06d21afb51e3a183346898ad6e94f1977295');
INSERT INTO public.audit_payloads VALUES ('default', 8, 'p-fbb85e28b15da7f9355fae91', '\xda3f2724bf20981fb8f0881ddeef3017918efb98089d4778efde9d1f571859ce4398c341c1a214b6bfad5fca94dc97b9780dec3f06039998ddb0572dbd5b6e8cf6a78959f83c60d2eec9daffb00783c363dd4c5b9e4cc42cf5a860f40f870ba1ac40f3f206a0a480c6037ae7a157f40e567983f5db8c90f588d07e67c92d750c8a4eed4acc45b162f9b4a694093b437c1c2b2a46c62d6c800be6487a24ee62e111c71aaf19760263b13c2f2f521acd8f7ecb5d86f24e77c16fb06d79dc6f7356b997965091de338bbdc2eb57f141f6c944b36a8db124d66d13ccc8b87cf0b9c8d686772f391aa56d242c7578a58cbef44e035aa6d2d30694fc36469c0492010f4227c9ddf11917eec9144e8454c494b33f0095dca3b6b881a50c365cc3b2cde655b60fee88bd4b1ca2324d89eff8d6c108e69a');
INSERT INTO public.audit_payloads VALUES ('default', 9, 'p-c1acb0731985f9a3365c4d2e', '\xbc93463441b913a8616fbbb26b65c679198256876bfc35a4ba02c3ef8213ef6e47069faa3c46361b39e9d9d480f51a5e705c94cf75b8c5f503d2fb3f4ed2be4d84c6602d6439a1c3a5c5f6373f651cbdc9627bd0d6afb042ee99329c12c44600a422d706d54deb8b6de2951898896670c6092014d94b757b58d2caeb3e24e91d9132a9a40a45fd323905da1a2424df9a84b39ddc2b1cea89255c6711c338c8d6fbcdbab70e262dc550c009c9ccab54a5cbdbe7259d64abbdf0f8d8b2d35c069f4e87eb501d183a601ba583730bf401bccef8939c408539008ceb4f092045bfa975c82194633f859e60c1a627c9d7a2eff20560575227231484c902c0c76d026cf3c482fe7460f0aabdf1542e818f5c44da71e0e6bd431381420a3972737401e3bed2dd6c605be63d000cde2588589271805753');
INSERT INTO public.audit_payloads VALUES ('default', 10, 'p-f148d365142add8cad09a329', '\xc328d192f6d37bb36da77528c13983d8253265cf7588e065a69841500c89881a80c7f5e01bd771e2c1bc7fc048641f440386b0f652cba3b899504b84a9f2d9c46a786f81936d94cd5d84a5ed74f0d3aad291739c5c6e43f819aace74dc16b01705882e31496bf8d8b55522167ac5b78ddaf29ea22c830fc3617ffc34a559f359eeff68ede7692053789d3f18627df11ee1081a57d3147215c182b13bf7cc464099ad5b3d8ecba6a8a324749d285b9c47b885496d0c85c064c4108a59a4a793bc0620c60ba0f1b642b7651fbe2b56050d6db4fc938200316ff9c4c2e3e69ef02c950fde275b6637ff0ade1f23b9bb0e064a2f991991873f698d7930fe65ce1b5b1680fc3e8314b96eb38c2679e2d1a238beb3cf8c36267a5f8526e6f66c89aced0a2d28c32ea38ba7a4e8460019eaea2e1c40ce');
INSERT INTO public.audit_payloads VALUES ('default', 11, 'p-fbb85e28b15da7f9355fae91', '\x5357d761d4cfb5163372fb9d60a20282241a06e2cc74acf9728080e4b6e71b04f6d4c338ea3f9251015f2f0af316dbfc0e4ff3799289226644977989aaa4e28db37d0d9a48ddac44c3f6735041f1dafa6decbcbbf061d0c7c51a8fde674ea0fc442b7bbc287f28773e00d331154b5e9631c07c64b85e7ace1968403a5260e7ce25a67fc9fa73672f92b4d303bd6f93bc9ac8fb055da7f44184199b7de3dce98b0db5674c38535a4a7324c8c6ff6124dbd1f30acb967b77be9c731b32ac62913c75165fe985c8aac3f6a72e18d5e79a7c94df385e8c2663a990d52781303701cc252447bd51d683cbd937883284c63ec4a85113fb4f40e9d5ec470978c67d273a1600a6a458bdf35d8cae6a04dbf500d083b4b8992df07f2f3ca9f705c2cdd4960a25340649bac048f0d43c6776e1f151606732bd');
INSERT INTO public.audit_payloads VALUES ('default', 12, 'p-c1acb0731985f9a3365c4d2e', '\x4bf8d922277a221a86dc40cdf6ca5858f96db309c65a25bf7a873818af7ce3a0f949cd0ca3cdb9bc9d309970750e927d940440bcf9ac5bd3c4c7c3d0c522233205d2f4eb009454bafd36f64e30845711833ac02d611a8f0425e8d08599505e8ee184e108042d7998eeafab37302c396ef5785de79893197ddbc3e0a6b3a9873ba8c83aa0b3e6b76d10a092fdf57e7f0873179d66187c51d1bf0102152234a394758bd800f2e60a903101b9434c86cc92f433e9602b6d008f871d0d52eef472a0adc1a449d41e65be4ff75429125d2e6e063442b236128069edcf348f3e829726f41068db503b50e6b4a5f69aa909167fa3d15c4d0fe0dffee91fcc4b7296d631785b233ed2efbaf58f5584879065364d3c8bb0f0955bf7a87d087a1c24ea5d411636bf08d3204de6496565a0a23278fbaa5c2880');
INSERT INTO public.audit_payloads VALUES ('default', 13, 'p-c1acb0731985f9a3365c4d2e', '\x7f4a951070d6daf63a7b1b66478e02d27f378302eb88bcb36c3d4cc77b43db002ffee8f64615fc9328d380e15ebe72af4108d09ea67a4150050babdf82be67172125343b65815c51374ccf79eed56a8852ac02c1dc5aa891872b538928450b21e1d0984d63b03fd90f4e4d1ab59370b66bcb314646cc94f695bc9467ec41696eec46e9ec932e7181838068b54d1f337ead754e8bf18e87eae8dca7ce65c5beaff8cb6d847902ca3066da6200d81cc23ec9a3efe90bf12ba339b8f8fac02ce31f566fc090232e9cfaf01a4c0302ea87a9a3a3ba1568b7c893817ed848d69ddb815ad68c15dc03d1d7ef451bd26147cd27f0b8f799c7244ccdc19216ad4fb3206cc926f8f663f828241d2f6bce0f903a572fe21721b32118648b5905da058d2630fa');
INSERT INTO public.audit_payloads VALUES ('default', 14, 'p-f148d365142add8cad09a329', '\x0d8c94849c5d554362bf164cd6b1f94c4bd4af961cf6b1e6ebb5afb23717f0873a511be8d6c3bc645568afcfdb29cef023d07b0f2291edba5d908e5397e2a65b0602da2421d66962215f54601d9473ea1669f0e9532ec816d172790af66d843727f7c3a7dd04f0b9a697abbdd2449cff5a777f856dece7e84b0f0823fb3ab82cd03ef0fc81c6023bb62133a219583fb2b1a136d8ebc27afd139723d2c383131ae7ade65111eee6a85ad9ab5b25fc19cc98c9fe55da714c90f816a11b7654fdad9ff5e13c866436f128d3f4fc04ee9c0cd9ae9afd8f6296c9e0383ad1eb1e9df4c0a03312ee9c8e610ee4baffdb20378cf3271247720ea9333d89ab4a475649a9b466f1ed8e239e3e1bfca53e2ca3f48ac01f0010b18ec2b6cbd1052c91d7e2bccf2f572255b478a6051b4c123cae0f6cdf54b4bd0b384805a64b3ce4162da93855656be7062b912452646649ba53b60f695b2f07bb');
INSERT INTO public.audit_payloads VALUES ('default', 15, 'p-f148d365142add8cad09a329', '\xff9ae45bb3a127d9e78b15a4a7f572e1ea3c0a740dbc2dab0c7ba9085f20c33b0271f62e022d3741d065039d09696654aaf8f1721a926b67e3388b688faa8ac6ac54ed7edd018a68b141cb69f87517686fa18feabb5f97f2e6d2e7d81ca6b3070ef77aba2885d4db9e911b114fa9e44bdcce352ba1a2c6645bc8d1448d9fc0f3a89bd0d1c3cecd8a466af9c71e95bb4cf83c1633b7b9789601dac031d9b4c73148b9e0766f99e3df6842e3b0df7df8a5f9e163b0c61ca571f6d8e14b3e41ba7f67c9663ce9a87ffe46be22507f93b5a8b70974b1625aadc79b00777d2488024ac6b6ed35bfada81fae4f684310d9272e14bf9ce445c297d59139da44f56c025127e47309d08a44a92e4fdbae70b72d53a4446f61c626be3dd569763ae38825308dc10b5ac9117cadb8');


--
-- Data for Name: audit_state; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audit_state VALUES ('default', 15, '\xe34be270b3d16edbeb67f21daa494cff84485f8c6f543d63e53bda290685ed45', '\xdde4998e72df21bfe3f9727cfcd0911ecd7941c7fe501a1ed8f41cb877e6d3f44c6a3ed5040cd08d719e307b0066c6b5895520bc7e636f33030a158a2dfc9f7673e22161d18e66e8bc786990dcc50f3830bbb9c1c43ab26a6e70a294710eb3739eecdb190b67d6d6e3e501f437420a127111e28be871644d2d8c9b111c7a548d', 1795398082598168);


--
-- Data for Name: audit_subjects; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audit_subjects VALUES ('default', 'p-f148d365142add8cad09a329', 'ada', '\x1032323164383336636362666232323461bd968ca1fd0baa8c6e2a98bfdf4af3c116060e45e473ae604d900eace7d196489abe5f003f7bf23125ebcd8091455b23a2e529863916d4c30b7585d8', 1795398082540912, NULL);
INSERT INTO public.audit_subjects VALUES ('default', 'p-fbb85e28b15da7f9355fae91', 'ben', '\x1032323164383336636362666232323461233e4eea1d63fb87b33c82afc4d04b49bf842586330d3db6908ebe4474696d102e15735156a2325f19ab07252e506c02a2f1c025b69ba2f0cfcc69f7', 1795398082544057, NULL);
INSERT INTO public.audit_subjects VALUES ('default', 'p-c1acb0731985f9a3365c4d2e', NULL, NULL, 1795398082545905, 1795398082590892);


--
-- Data for Name: budget_use; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.budget_use VALUES ('default', 'user', 'ada', 'month', '2026-09', 0, 1790000000000000, 0, 0);
INSERT INTO public.budget_use VALUES ('default', 'user', 'ben', 'month', '2026-09', 0, 1790000000000000, 0, 0);
INSERT INTO public.budget_use VALUES ('default', 'user', 'p-c1acb0731985f9a3365c4d2e', 'month', '2026-09', 0, 1790000000000000, 0, 0);


--
-- Data for Name: budgets; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.budgets VALUES ('default', 'user', 'ada', 'month', 'usd', 1790000000000000);
INSERT INTO public.budgets VALUES ('default', 'user', 'ben', 'month', 'usd', 1790000000000000);
INSERT INTO public.budgets VALUES ('default', 'user', 'p-c1acb0731985f9a3365c4d2e', 'month', 'usd', 1790000000000000);


--
-- Data for Name: calls; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.calls VALUES ('default', 'ada', 'open', '\xa7cc23bde941e280924512c33282e0ef2585f66e5390d109f37f523de3e0d207', 'open', 'one', 1790000000000000, false, 0, 0, 'chat', '', '', '', '', '', '', NULL, '2026-09-21', 1790000000000000, NULL, 0, 0, 0, 0, 0, 0, true, NULL, false, '{}', '', '');
INSERT INTO public.calls VALUES ('default', 'ada', 'done', '\x7ebedbca624b729fd5d9724998780cdff0a4fa504e2eda1d8671daf349603df6', 'done', 'one', 1790000000000000, false, 0, 0, 'chat', '', '', '', '', '', '', NULL, '2026-09-21', 1790000000000000, NULL, 0, 0, 0, 0, 0, 0, true, NULL, false, '{}', '', '');
INSERT INTO public.calls VALUES ('default', 'ada', 'failed', '\xfc0c4a5d4ccd9d5c3585f69b32911b3377fb23a91195c2be064191e53643b176', 'failed', 'one', 1790000000000000, false, 0, 0, 'chat', '', '', '', '', '', '', NULL, '2026-09-21', 1790000000000000, NULL, 0, 0, 0, 0, 0, 0, true, NULL, false, '{}', '', '');
INSERT INTO public.calls VALUES ('default', 'ada', 'cancelled', '\xb89785b84aef1c0ae49c3fea502fdfc6718d16203ed451dfef6e8f1d36d62af2', 'cancelled', 'one', 1790000000000000, false, 0, 0, 'chat', '', '', '', '', '', '', NULL, '2026-09-21', 1790000000000000, NULL, 0, 0, 0, 0, 0, 0, true, NULL, false, '{}', '', '');
INSERT INTO public.calls VALUES ('default', 'ada', 'interrupted', '\xa906fa633b7d072c5fa20bcb10010763050682ad2157b11e9aed12f7fa772278', 'interrupted', 'one', 1790000000000000, false, 0, 0, 'chat', '', '', '', '', '', '', NULL, '2026-09-21', 1790000000000000, NULL, 0, 0, 0, 0, 0, 0, true, NULL, false, '{}', '', '');
INSERT INTO public.calls VALUES ('default', 'ben', 'open', '\xb4f2202927e80d009cd83e1d5eb7f979a1fb5a34673f79de1f7719999f51a91d', 'open', 'one', 1790000000000000, false, 0, 0, 'chat', '', '', '', '', '', '', NULL, '2026-09-21', 1790000000000000, NULL, 0, 0, 0, 0, 0, 0, true, NULL, false, '{}', '', '');
INSERT INTO public.calls VALUES ('default', 'ben', 'done', '\x591c904b466cdfc6e05c10941be7d436d37a1b2209f9b36236f5a2b531af8104', 'done', 'one', 1790000000000000, false, 0, 0, 'chat', '', '', '', '', '', '', NULL, '2026-09-21', 1790000000000000, NULL, 0, 0, 0, 0, 0, 0, true, NULL, false, '{}', '', '');
INSERT INTO public.calls VALUES ('default', 'ben', 'failed', '\xe9d81acc29a8d3c29bfa484e080bd0b818a70b4bbc1c18f6df14d284cd825122', 'failed', 'one', 1790000000000000, false, 0, 0, 'chat', '', '', '', '', '', '', NULL, '2026-09-21', 1790000000000000, NULL, 0, 0, 0, 0, 0, 0, true, NULL, false, '{}', '', '');
INSERT INTO public.calls VALUES ('default', 'ben', 'cancelled', '\x66787d0b572000e8dc64df39410a88d2c5bddc4d2d7f693d67266c800bf8fd15', 'cancelled', 'one', 1790000000000000, false, 0, 0, 'chat', '', '', '', '', '', '', NULL, '2026-09-21', 1790000000000000, NULL, 0, 0, 0, 0, 0, 0, true, NULL, false, '{}', '', '');
INSERT INTO public.calls VALUES ('default', 'ben', 'interrupted', '\x36ca43075f276d900eeb41e03887abe0713eec42ae49ee2ce045db761fd52686', 'interrupted', 'one', 1790000000000000, false, 0, 0, 'chat', '', '', '', '', '', '', NULL, '2026-09-21', 1790000000000000, NULL, 0, 0, 0, 0, 0, 0, true, NULL, false, '{}', '', '');
INSERT INTO public.calls VALUES ('default', 'p-c1acb0731985f9a3365c4d2e', 'open', '\xa06f2bdde9db7b9c5f9c31b6998b99101c9ae3cf210bf17a596fbf1473019f30', 'open', 'one', 1790000000000000, false, 0, 0, 'chat', '', '', '', '', '', '', NULL, '2026-09-21', 1790000000000000, NULL, 0, 0, 0, 0, 0, 0, true, NULL, false, '{}', '', '');
INSERT INTO public.calls VALUES ('default', 'p-c1acb0731985f9a3365c4d2e', 'done', '\xfee019c801d34e81ca51b695cf05cab11c7397f14eca00944f317fcbd6c9f2b6', 'done', 'one', 1790000000000000, false, 0, 0, 'chat', '', '', '', '', '', '', NULL, '2026-09-21', 1790000000000000, NULL, 0, 0, 0, 0, 0, 0, true, NULL, false, '{}', '', '');
INSERT INTO public.calls VALUES ('default', 'p-c1acb0731985f9a3365c4d2e', 'failed', '\x2d98b278d38093c7e4eba8541e9df3c75879edbba7ff95c2eae1b74fbef3c170', 'failed', 'one', 1790000000000000, false, 0, 0, 'chat', '', '', '', '', '', '', NULL, '2026-09-21', 1790000000000000, NULL, 0, 0, 0, 0, 0, 0, true, NULL, false, '{}', '', '');
INSERT INTO public.calls VALUES ('default', 'p-c1acb0731985f9a3365c4d2e', 'cancelled', '\x3cce6edfe58b0359deac13e7e601a3134acc185d77fcee644c06dbb27f7c31ca', 'cancelled', 'one', 1790000000000000, false, 0, 0, 'chat', '', '', '', '', '', '', NULL, '2026-09-21', 1790000000000000, NULL, 0, 0, 0, 0, 0, 0, true, NULL, false, '{}', '', '');
INSERT INTO public.calls VALUES ('default', 'p-c1acb0731985f9a3365c4d2e', 'interrupted', '\xa89a59fedb119865cbd15e0fbebea93ed23596f98ae59a4aadbfe2ef38d2ddc6', 'interrupted', 'one', 1790000000000000, false, 0, 0, 'chat', '', '', '', '', '', '', NULL, '2026-09-21', 1790000000000000, NULL, 0, 0, 0, 0, 0, 0, true, NULL, false, '{}', '', '');


--
-- Data for Name: consents; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.consents VALUES ('default', 'ada', 'training', true, 1790000000000000);
INSERT INTO public.consents VALUES ('default', 'ben', 'training', true, 1790000000000000);


--
-- Data for Name: data_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.data_keys VALUES ('', '9a028ae45ad821e3', '7905f4ecf41b473d', '\xcffae91d37f2c2b49c968d716ebe6c50cf811752620164037e98611ad3ede190c14fbdae18a89cf18fe233234cefda743b3f60b58e93a890f49acd00', 1795398082522841);
INSERT INTO public.data_keys VALUES ('default', '221d836ccbfb224a', '7905f4ecf41b473d', '\x7f840e97ed9fca1e4c56826e3340a301524341eebb04b0a32cec8b6bb47e49aa9718c85c2caf66fc12399073e1f5afbe9cf5e4da2980427816cbc83c', 1795398082537401);


--
-- Data for Name: families; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.families VALUES ('default', 'ada', 'ada', 'device', 'one', false, 1790000000000000, 1790000000000000);
INSERT INTO public.families VALUES ('default', 'ben', 'ben', 'device', 'one', false, 1790000000000000, 1790000000000000);
INSERT INTO public.families VALUES ('default', 'eve', 'p-c1acb0731985f9a3365c4d2e', 'device', 'one', true, 1790000000000000, 1790000000000000);


--
-- Data for Name: installs; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.installs VALUES ('default', 'one', 'ada', 7, 1790000000000000);
INSERT INTO public.installs VALUES ('default', 'one', 'ben', 7, 1790000000000000);
INSERT INTO public.installs VALUES ('default', 'one', 'p-c1acb0731985f9a3365c4d2e', 7, 1790000000000000);


--
-- Data for Name: instance; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.instance VALUES ('master_key', '{"id": "7905f4ecf41b473d"}');


--
-- Data for Name: login_nonces; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.login_nonces VALUES ('default', 'ada', 1790000000000000);
INSERT INTO public.login_nonces VALUES ('default', 'ben', 1790000000000000);
INSERT INTO public.login_nonces VALUES ('default', 'eve', 1790000000000000);


--
-- Data for Name: models; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.models VALUES ('default', 'ada', '{}');
INSERT INTO public.models VALUES ('default', 'ben', '{}');
INSERT INTO public.models VALUES ('default', 'eve', '{}');


--
-- Data for Name: provider_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.provider_keys VALUES ('default', 'one', '221d836ccbfb224a', '\x3dc5c2aef7a38491d7a1f17fa60bb6a8b64114c1899c4c29d03f3eca0bb0fd8ead78d816eb191fa860670f1036b29422995dec5310b8514ec0f38c220b9a5edc63115da98a3294da', '', 1790000000000000);


--
-- Data for Name: refresh_tokens; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.refresh_tokens VALUES ('default', '\x90b1465bdad727184143d25f9293f31ca0128534fa3def1d7b63bae151e41bc6', 'ada', 1, 2, NULL);
INSERT INTO public.refresh_tokens VALUES ('default', '\xd16d62cd92d2883bd98a2a386dee1742e8dfbef38b6038b5d6322750bc0f0c5e', 'ben', 1, 2, NULL);
INSERT INTO public.refresh_tokens VALUES ('default', '\x7e9a7d65b5bd96e9d3bca61f6d061a09f0eb4e87cf711126867a40e791e10099', 'eve', 1, 2, NULL);


--
-- Data for Name: signing_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.signing_keys VALUES ('tokens', 'tokens-4ee487c5da33', '\xf1671bad18858862530852f7600db45523cc967ac057fab10a67f0d176f29712', '\x10396130323861653435616438323165338aea7728f855cc0b5bdd1d65b1b32578c20c0ea8230be328cd26678e5a00cb90e4164d6231236767c0fa1f7b9f7b87f17329968f6f57e686b821f906', 1795398082523408, NULL);
INSERT INTO public.signing_keys VALUES ('policy', 'policy-f2e585fa3cec', '\x7477d59dd7e2cab6d8fdf0ac8e39d7507daa53b60d66e6bf10547c59af26303f', '\x10396130323861653435616438323165331e6364efdf43fbf8c2a8cd0afa8f556b2109c8828b145d949a744920fa73192c16a74bdd5c321ff39484b19e07a584243942d7e1eb364475fd9ce81c', 1795398082526235, NULL);
INSERT INTO public.signing_keys VALUES ('audit', 'audit-9f5e8ec85f4b', '\x7201459a28bdc34de9f4bb7dadf112943c07e45f5b6d4ee4b1aa59655bbd3d69', '\x1039613032386165343561643832316533acc7440a28b227a282aac1c99a29279fdf01a97181d740e9a47a7c3f7e58b95ed6876f538d631207740e96d3968c596dec61c889a8dea219cd676d2e', 1795398082562930, NULL);


--
-- Data for Name: spent_tokens; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.spent_tokens VALUES ('default', '\x697338c896a11b37ee56552047d26b8842a697f513bc7c3a8d1ef597daee992b', 1790000000000000);


--
-- Data for Name: tenants; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.tenants VALUES ('default', 'log-of-default', 'eu-central-1', false, 1790000000000000, 2, 1, '{"cloud": "backend"}');


--
-- Data for Name: usage; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.usage VALUES ('default', '2026-09-21', 'ada', 'core', 'gateway', 'anthropic', 'm', 3, 0, 0, 0, 1000);
INSERT INTO public.usage VALUES ('default', '2026-09-21', 'ben', 'core', 'gateway', 'anthropic', 'm', 3, 0, 0, 0, 1000);
INSERT INTO public.usage VALUES ('default', '2026-09-21', 'p-c1acb0731985f9a3365c4d2e', 'core', 'gateway', 'anthropic', 'm', 3, 0, 0, 0, 1000);


--
-- Data for Name: users; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.users VALUES ('default', 'ada', 'developer', '["core"]', false, 1, 1790000000000000);
INSERT INTO public.users VALUES ('default', 'ben', 'developer', '["core"]', false, 1, 1790000000000000);


--
-- Name: alembic_version alembic_version_pkc; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);


--
-- Name: api_tokens api_tokens_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_pkey PRIMARY KEY (tenant, id);


--
-- Name: audit_heads audit_heads_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_heads
    ADD CONSTRAINT audit_heads_pkey PRIMARY KEY (tenant, size);


--
-- Name: audit_leaves audit_leaves_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_leaves
    ADD CONSTRAINT audit_leaves_pkey PRIMARY KEY (tenant, seq);


--
-- Name: audit_payloads audit_payloads_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_payloads
    ADD CONSTRAINT audit_payloads_pkey PRIMARY KEY (tenant, seq);


--
-- Name: audit_state audit_state_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_state
    ADD CONSTRAINT audit_state_pkey PRIMARY KEY (tenant);


--
-- Name: audit_subjects audit_subjects_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_subjects
    ADD CONSTRAINT audit_subjects_pkey PRIMARY KEY (tenant, pseudonym);


--
-- Name: budget_use budget_use_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.budget_use
    ADD CONSTRAINT budget_use_pkey PRIMARY KEY (tenant, scope, subject, period, key);


--
-- Name: budgets budgets_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.budgets
    ADD CONSTRAINT budgets_pkey PRIMARY KEY (tenant, scope, subject, period, unit);


--
-- Name: calls calls_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls
    ADD CONSTRAINT calls_pkey PRIMARY KEY (tenant, subject, call_id);


--
-- Name: consents consents_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.consents
    ADD CONSTRAINT consents_pkey PRIMARY KEY (tenant, subject, purpose);


--
-- Name: data_keys data_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.data_keys
    ADD CONSTRAINT data_keys_pkey PRIMARY KEY (tenant, key_id);


--
-- Name: families families_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.families
    ADD CONSTRAINT families_pkey PRIMARY KEY (tenant, id);


--
-- Name: installs installs_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.installs
    ADD CONSTRAINT installs_pkey PRIMARY KEY (tenant, install, subject);


--
-- Name: instance instance_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.instance
    ADD CONSTRAINT instance_pkey PRIMARY KEY (name);


--
-- Name: login_nonces login_nonces_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.login_nonces
    ADD CONSTRAINT login_nonces_pkey PRIMARY KEY (tenant, nonce);


--
-- Name: models models_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.models
    ADD CONSTRAINT models_pkey PRIMARY KEY (tenant, name);


--
-- Name: provider_keys provider_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.provider_keys
    ADD CONSTRAINT provider_keys_pkey PRIMARY KEY (tenant, name);


--
-- Name: refresh_tokens refresh_tokens_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT refresh_tokens_pkey PRIMARY KEY (tenant, hash);


--
-- Name: signing_keys signing_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.signing_keys
    ADD CONSTRAINT signing_keys_pkey PRIMARY KEY (purpose, key_id);


--
-- Name: spent_tokens spent_tokens_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.spent_tokens
    ADD CONSTRAINT spent_tokens_pkey PRIMARY KEY (tenant, hash);


--
-- Name: tenants tenants_log_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_log_key UNIQUE (log);


--
-- Name: tenants tenants_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (name);


--
-- Name: usage usage_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.usage
    ADD CONSTRAINT usage_pkey PRIMARY KEY (tenant, day, subject, team, source, provider, model);


--
-- Name: users users_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (tenant, subject);


--
-- Name: audit_by_pseudonym; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_by_pseudonym ON public.audit_payloads USING btree (tenant, pseudonym);


--
-- Name: audit_subjects_by_subject; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX audit_subjects_by_subject ON public.audit_subjects USING btree (tenant, subject);


--
-- Name: calls_by_time; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_by_time ON public.calls USING btree (tenant, subject, begun_us);


--
-- Name: calls_open; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX calls_open ON public.calls USING btree (tenant, lease_us) WHERE (state = 'open'::text);


--
-- Name: refresh_by_family; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX refresh_by_family ON public.refresh_tokens USING btree (tenant, family);


--
-- Name: api_tokens; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.api_tokens ENABLE ROW LEVEL SECURITY;

--
-- Name: audit_heads; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.audit_heads ENABLE ROW LEVEL SECURITY;

--
-- Name: audit_leaves; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.audit_leaves ENABLE ROW LEVEL SECURITY;

--
-- Name: audit_payloads; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.audit_payloads ENABLE ROW LEVEL SECURITY;

--
-- Name: audit_state; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.audit_state ENABLE ROW LEVEL SECURITY;

--
-- Name: audit_subjects; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.audit_subjects ENABLE ROW LEVEL SECURITY;

--
-- Name: budget_use; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.budget_use ENABLE ROW LEVEL SECURITY;

--
-- Name: budgets; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.budgets ENABLE ROW LEVEL SECURITY;

--
-- Name: api_tokens by_tenant; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY by_tenant ON public.api_tokens USING (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text))) WITH CHECK (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text)));


--
-- Name: audit_heads by_tenant; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY by_tenant ON public.audit_heads USING (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text))) WITH CHECK (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text)));


--
-- Name: audit_leaves by_tenant; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY by_tenant ON public.audit_leaves USING (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text))) WITH CHECK (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text)));


--
-- Name: audit_payloads by_tenant; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY by_tenant ON public.audit_payloads USING (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text))) WITH CHECK (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text)));


--
-- Name: audit_state by_tenant; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY by_tenant ON public.audit_state USING (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text))) WITH CHECK (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text)));


--
-- Name: audit_subjects by_tenant; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY by_tenant ON public.audit_subjects USING (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text))) WITH CHECK (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text)));


--
-- Name: budget_use by_tenant; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY by_tenant ON public.budget_use USING (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text))) WITH CHECK (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text)));


--
-- Name: budgets by_tenant; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY by_tenant ON public.budgets USING (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text))) WITH CHECK (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text)));


--
-- Name: calls by_tenant; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY by_tenant ON public.calls USING (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text))) WITH CHECK (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text)));


--
-- Name: consents by_tenant; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY by_tenant ON public.consents USING (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text))) WITH CHECK (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text)));


--
-- Name: data_keys by_tenant; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY by_tenant ON public.data_keys USING (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text))) WITH CHECK (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text)));


--
-- Name: families by_tenant; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY by_tenant ON public.families USING (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text))) WITH CHECK (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text)));


--
-- Name: installs by_tenant; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY by_tenant ON public.installs USING (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text))) WITH CHECK (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text)));


--
-- Name: login_nonces by_tenant; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY by_tenant ON public.login_nonces USING (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text))) WITH CHECK (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text)));


--
-- Name: models by_tenant; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY by_tenant ON public.models USING (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text))) WITH CHECK (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text)));


--
-- Name: provider_keys by_tenant; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY by_tenant ON public.provider_keys USING (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text))) WITH CHECK (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text)));


--
-- Name: refresh_tokens by_tenant; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY by_tenant ON public.refresh_tokens USING (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text))) WITH CHECK (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text)));


--
-- Name: spent_tokens by_tenant; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY by_tenant ON public.spent_tokens USING (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text))) WITH CHECK (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text)));


--
-- Name: tenants by_tenant; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY by_tenant ON public.tenants USING (((name <> '*'::text) AND ((current_setting('app.tenant'::text, true) = name) OR (current_setting('app.tenant'::text, true) = '*'::text)))) WITH CHECK (((name <> '*'::text) AND ((current_setting('app.tenant'::text, true) = name) OR (current_setting('app.tenant'::text, true) = '*'::text))));


--
-- Name: usage by_tenant; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY by_tenant ON public.usage USING (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text))) WITH CHECK (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text)));


--
-- Name: users by_tenant; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY by_tenant ON public.users USING (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text))) WITH CHECK (((tenant = current_setting('app.tenant'::text, true)) AND (tenant <> '*'::text)));


--
-- Name: calls; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.calls ENABLE ROW LEVEL SECURITY;

--
-- Name: consents; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.consents ENABLE ROW LEVEL SECURITY;

--
-- Name: data_keys; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.data_keys ENABLE ROW LEVEL SECURITY;

--
-- Name: families; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.families ENABLE ROW LEVEL SECURITY;

--
-- Name: installs; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.installs ENABLE ROW LEVEL SECURITY;

--
-- Name: login_nonces; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.login_nonces ENABLE ROW LEVEL SECURITY;

--
-- Name: models; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.models ENABLE ROW LEVEL SECURITY;

--
-- Name: provider_keys; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.provider_keys ENABLE ROW LEVEL SECURITY;

--
-- Name: refresh_tokens; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.refresh_tokens ENABLE ROW LEVEL SECURITY;

--
-- Name: spent_tokens; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.spent_tokens ENABLE ROW LEVEL SECURITY;

--
-- Name: tenants; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.tenants ENABLE ROW LEVEL SECURITY;

--
-- Name: usage; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.usage ENABLE ROW LEVEL SECURITY;

--
-- Name: users; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;

--
-- PostgreSQL database dump complete
--


