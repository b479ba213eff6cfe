/** Peer (c): jsonwebtoken and jwks-rsa, as the most copied sample does, and the user's row. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import jwt from 'jsonwebtoken';
import jwksClient from 'jwks-rsa';
import { allow, deny } from './policy.mjs';

const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const keys = jwksClient({
  cache: true,
  rateLimit: true,
  jwksRequestsPerMinute: 10,
  jwksUri: process.env.JWKS_URI,
});

export async function handler(event) {
  let claims;
  try {
    const token = event.authorizationToken.replace('Bearer ', '');
    const decoded = jwt.decode(token, { complete: true });
    const key = await keys.getSigningKey(decoded.header.kid);
    claims = jwt.verify(token, key.getPublicKey(), {
      algorithms: ['RS256'],
      audience: process.env.JWT_AUDIENCE,
      issuer: process.env.JWT_ISSUER,
    });
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
