/**
 * Client certificates as API Gateway puts them into events, self-signed. Nobody has kept their
 * private keys: only their thumbprints matter.
 */
import { X509Certificate, createHash } from 'node:crypto';

export const ALICE_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBlDCCATmgAwIBAgIUUUR0/4s8UVOirRJjaNT6wK4HNsUwCgYIKoZIzj0EAwIw
HzEdMBsGA1UEAwwUYWxpY2UuY2xpZW50LmV4YW1wbGUwHhcNMjYxMTI3MDk1NDEw
WhcNMzYxMTI0MDk1NDEwWjAfMR0wGwYDVQQDDBRhbGljZS5jbGllbnQuZXhhbXBs
ZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABAYLLwfb7HbICBfvGET9CXWgXSRt
9wimsn5SgA7oEkrFkkjx7ZJcQL4RXeQ5OCkuv0bnY6sxmI4EldCGomiEq5qjUzBR
MB0GA1UdDgQWBBT2lKB/tngqB5dhs5hbnuWCuXXrLTAfBgNVHSMEGDAWgBT2lKB/
tngqB5dhs5hbnuWCuXXrLTAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kA
MEYCIQDgjasSuNYJS5ahkFoOqjNP/ZntNCBmCc4oMv4/Tusc0gIhAP4nb9quQcuw
MGal7w2kDwctwIWbjURIClun7XAobB6u
-----END CERTIFICATE-----
`;

export const MALLORY_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBmDCCAT2gAwIBAgIUEnc4nJFrKbtss0DYkzZPS93rpAEwCgYIKoZIzj0EAwIw
ITEfMB0GA1UEAwwWbWFsbG9yeS5jbGllbnQuZXhhbXBsZTAeFw0yNjExMjcwOTU0
MTBaFw0zNjExMjQwOTU0MTBaMCExHzAdBgNVBAMMFm1hbGxvcnkuY2xpZW50LmV4
YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARKwACI3pnFeRtaQs8F8s+u
GCPiLZrgHGNyKhJzrsQwfMuvww1y5dRA4NP2XgSqnP0RtI1RnKSETgHTDxrHkXRU
o1MwUTAdBgNVHQ4EFgQUEXgPq+wxum2ayopr7vCcbjAbzAkwHwYDVR0jBBgwFoAU
EXgPq+wxum2ayopr7vCcbjAbzAkwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQD
AgNJADBGAiEA+30xok6Vwu5F5662vphQz4srC3ir2eATR00Q5iOpZ74CIQCcz4hH
LXxYfI27iFqVplPmNlZ09cFKqRppnZ7afvz54w==
-----END CERTIFICATE-----
`;

/** As a token is bound to it: `x5t#S256` (RFC 8705 §3.1). */
export function thumbprintOf(pem: string): string {
  return createHash('sha256').update(new X509Certificate(pem).raw).digest('base64url');
}
