/**
 * aws-jwt-verify fetches over HTTPS only, and the benchmark's key server speaks plain HTTP. This
 * stands in for the library's fetcher, which does the same with `node:https` (a module that the
 * library loads all the same).
 */
import { get } from 'node:http';

export const loopbackFetcher = {
  fetch: (uri) =>
    new Promise((resolve, reject) => {
      get(uri, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => resolve(new Uint8Array(Buffer.concat(chunks)).buffer));
        response.on('error', reject);
      }).on('error', reject);
    }),
};
