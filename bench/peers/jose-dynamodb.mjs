/** Peer (d): jose with its remote key set, and the user's row. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { allow, deny } from './policy.mjs';

const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const keys = createRemoteJWKSet(new URL(process.env.JWKS_URI));

export async function handler(event) {
  let claims;
  try {
    const token = event.authorizationToken.replace('Bearer ', '');
    const { payload } = await jwtVerify(token, keys, {
      audience: process.env.JWT_AUDIENCE,
      issuer: process.env.JWT_ISSUER,
    });
    claims = payload;
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
