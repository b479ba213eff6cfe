/** Names that pages use and the sources do not: those of other products, and of older versions. */
export const FOREIGN_NAMES: readonly string[] = [
  // Claims, and what issuers call their own settings.
  'repository_id',
  'pull_request',
  'pull_request_target',
  'event_name',
  'issue_comment',
  'workflow_run',
  'service_role',
  'is_anonymous',
  'session_id',
  'user_metadata',
  'app_metadata',
  'realm_access',
  'resource_access',
  'requestedAccessTokenVersion',
  // Attributes of other tools.
  'prevent_destroy',
  'enable_simple_responses',
  'enableSimpleResponses',
  'aws_cloudformation_stack',
  // A metric of 0.1.
  'StrictRejections',
];
