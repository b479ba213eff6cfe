# The function, what it may do, and the two tables that it reads.

resource "aws_dynamodb_table" "users" {
  name                        = "rollcall-users"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "user_id"
  deletion_protection_enabled = true

  attribute {
    name = "user_id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_dynamodb_table" "revoked_tokens" {
  name                        = "rollcall-revoked-tokens"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "token_id"
  deletion_protection_enabled = true

  attribute {
    name = "token_id"
    type = "S"
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_cloudwatch_log_group" "authorizer" {
  name              = "/rollcall/authorizer"
  retention_in_days = 365
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

# It may read the two tables and write its own log, and nothing else.
data "aws_iam_policy_document" "authorizer" {
  statement {
    sid       = "ReadTables"
    actions   = ["dynamodb:GetItem", "dynamodb:BatchGetItem"]
    resources = [aws_dynamodb_table.users.arn, aws_dynamodb_table.revoked_tokens.arn]
  }

  statement {
    sid       = "WriteOwnLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.authorizer.arn}:*"]
  }
}

resource "aws_iam_role" "authorizer" {
  name_prefix        = "rollcall-authorizer-"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_role_policy" "authorizer" {
  name   = "Rollcall"
  role   = aws_iam_role.authorizer.id
  policy = data.aws_iam_policy_document.authorizer.json
}

resource "aws_lambda_function" "authorizer" {
  function_name    = "rollcall-authorizer"
  role             = aws_iam_role.authorizer.arn
  filename         = var.authorizer_zip
  source_code_hash = filebase64sha256(var.authorizer_zip)
  handler          = "index.handler"
  runtime          = "nodejs24.x"
  architectures    = ["arm64"]
  memory_size      = 512
  timeout          = 5

  logging_config {
    log_group             = aws_cloudwatch_log_group.authorizer.name
    log_format            = "JSON"
    application_log_level = "INFO"
    system_log_level      = "WARN"
  }

  environment {
    variables = merge(var.settings, {
      USERS_TABLE_NAME          = aws_dynamodb_table.users.name
      REVOKED_TOKENS_TABLE_NAME = aws_dynamodb_table.revoked_tokens.name
    })
  }

  depends_on = [aws_iam_role_policy.authorizer]
}
