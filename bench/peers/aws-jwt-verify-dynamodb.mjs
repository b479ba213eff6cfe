/** Peer (b): aws-jwt-verify, then the user's row through DynamoDB's DocumentClient. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { JwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { loopbackFetcher } from './loopback-fetcher.mjs';
import { allow, deny } from './policy.mjs';

const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const verifier = JwtVerifier.create(
  {
    issuer: process.env.JWT_ISSUER,
    audience: process.env.JWT_AUDIENCE,
    jwksUri: process.env.JWKS_URI,
  },
  { jwksCache: new SimpleJwksCache({ fetcher: loopbackFetcher }) },
);

export async function handler(event) {
  let claims;
  try {
    claims = await verifier.verify(event.authorizationToken.replace('Bearer ', ''));
  } catch {
    throw new Error('Unauthorized');
  }
  const { Item: user } = await documents.send(
    new GetCommand({
      TableName: process.env.USERS_TABLE_NAME,
      Key: { user_id: claims.sub },
      ConsistentRead: true,
    }),
  );
  return user?.is_active === false || user === undefined
    ? deny(claims.sub, event.methodArn)
    : allow(claims.sub, event.methodArn);
}
