// A real OpenID provider on a loopback port: its pages are answered by whom the header `x-person` names.
//
//     node server.js '{"ann": ["staff"]}'      prints its issuer
//
// Under /test/ a test does what only time or an administrator could: turn keys, end codes, ask clients to slow down.

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";
import { makeStore } from "./store.js";

const people = JSON.parse(process.argv[2]);
const secret = randomBytes(24).toString("hex");
const stored = new Map();
const server = createServer((request, response) => answer(request, response));
let provider;
let nSlow = 0;

server.listen(0, "127.0.0.1", () => {
  turn();
  process.stdout.write(`${JSON.stringify({ issuer: issuer(), secret })}\n`);
});
process.stdin.on("end", () => process.exit()).resume();

function issuer() {
  return `http://127.0.0.1:${server.address().port}`;
}

async function answer(request, response) {
  const { pathname } = new URL(request.url, issuer());
  if (pathname === "/token" && nSlow > 0) {
    nSlow -= 1;
    return say(response, 400, { error: "slow_down" });
  }
  if (pathname.startsWith("/interaction/")) {
    return interact(request, response);
  }
  switch (pathname) {
    case "/test/turn":
      turn();
      return say(response, 200, {});
    case "/test/expire":
      for (const payload of stored.values()) {
        payload.exp = 1;
      }
      return say(response, 200, {});
    case "/test/slow-down":
      nSlow += 1;
      return say(response, 200, {});
    default:
      return provider.callback()(request, response);
  }
}

// Who logs in is `x-person`, and agrees to all; whom nobody knows is refused, as who presses "no".
async function interact(request, response) {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  const person = request.headers["x-person"];
  let result = { error: "access_denied", error_description: "you pressed no" };
  if (prompt.name === "consent") {
    const grant = new provider.Grant({ clientId: params.client_id, accountId: session.accountId });
    grant.addOIDCScope("openid email profile offline_access");
    result = { consent: { grantId: await grant.save() } };
  } else if (person in people) {
    result = { login: { accountId: person } };
  }
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

// The same provider with another key: what the old one signed is nobody's any more.
function turn() {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const kid = randomBytes(6).toString("hex");
  const jwk = { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "ES256", kid };
  provider = new Provider(issuer(), configuration(jwk));
}

function configuration(jwk) {
  return {
    adapter: makeStore(stored),
    jwks: { keys: [jwk] },
    cookies: { keys: [secret] },
    clients: [
      {
        client_id: "victor-cli",
        application_type: "native",
        token_endpoint_auth_method: "none",
        id_token_signed_response_alg: "ES256",
        grant_types: [
          "authorization_code",
          "refresh_token",
          "urn:ietf:params:oauth:grant-type:device_code",
        ],
        redirect_uris: ["http://127.0.0.1/callback"],
      },
      {
        client_id: "ci",
        client_secret: secret,
        token_endpoint_auth_method: "client_secret_post",
        id_token_signed_response_alg: "ES256",
        grant_types: ["client_credentials"],
        response_types: [],
        redirect_uris: [],
      },
    ],
    claims: { openid: ["sub", "groups", "uti"], email: ["email"], profile: ["name"] },
    conformIdTokenClaims: false,
    scopes: ["openid", "email", "profile", "offline_access"],
    enabledJWA: { idTokenSigningAlgValues: ["ES256"] },
    extraTokenClaims: (_ctx, token) =>
      token.kind === "ClientCredentials" ? { groups: people[token.clientId] } : undefined,
    features: {
      devInteractions: { enabled: false },
      deviceFlow: { enabled: true },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx) =>
          ctx.oidc.client.clientId === "ci" ? "https://victor.example.test/api" : undefined,
        getResourceServerInfo: () => ({
          scope: "",
          audience: "victor-api",
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: "ES256" } },
        }),
      },
    },
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        groups: people[id],
        email: `${id}@example.test`,
        name: id,
        uti: randomBytes(9).toString("hex"), // as large providers have it: no two tokens are the same
      }),
    }),
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  };
}

function say(response, status, body) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
