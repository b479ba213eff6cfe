# A REST API behind the authorizer.

resource "aws_api_gateway_rest_api" "rest" {
  name = "rollcall-rest"
}

resource "aws_api_gateway_authorizer" "rollcall" {
  rest_api_id     = aws_api_gateway_rest_api.rest.id
  name            = "Rollcall"
  type            = "TOKEN"
  authorizer_uri  = aws_lambda_function.authorizer.invoke_arn
  identity_source = "method.request.header.Authorization"
  # Whatever does not look like a token is answered without calling the function.
  identity_validation_expression   = "^[Bb][Ee][Aa][Rr][Ee][Rr] [-_0-9A-Za-z]+\\.[-_0-9A-Za-z]+\\.[-_0-9A-Za-z]+$"
  authorizer_result_ttl_in_seconds = 0
}

resource "aws_lambda_permission" "rest_authorizer" {
  statement_id  = "RestApi"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.authorizer.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.rest.execution_arn}/authorizers/${aws_api_gateway_authorizer.rollcall.id}"
}

# Your own backend. Here any address that can be reached stands for it.
resource "aws_api_gateway_method" "root" {
  rest_api_id   = aws_api_gateway_rest_api.rest.id
  resource_id   = aws_api_gateway_rest_api.rest.root_resource_id
  http_method   = "GET"
  authorization = "CUSTOM"
  authorizer_id = aws_api_gateway_authorizer.rollcall.id
}

resource "aws_api_gateway_integration" "root" {
  rest_api_id             = aws_api_gateway_rest_api.rest.id
  resource_id             = aws_api_gateway_rest_api.rest.root_resource_id
  http_method             = aws_api_gateway_method.root.http_method
  type                    = "HTTP_PROXY"
  integration_http_method = "GET"
  uri                     = "https://backend.example.com/"
}

# What a caller reads instead of API Gateway's own 401, 403 and 500.
locals {
  challenge = { "gatewayresponse.header.WWW-Authenticate" = "'Bearer'" }
  responses = {
    ACCESS_DENIED                  = { status = "401", headers = local.challenge, body = "{\"detail\":\"$context.authorizer.detail\"}" }
    UNAUTHORIZED                   = { status = "401", headers = local.challenge, body = "{\"detail\":\"Not authenticated\"}" }
    DEFAULT_4XX                    = { status = null, headers = {}, body = "{\"detail\":$context.error.messageString}" }
    DEFAULT_5XX                    = { status = null, headers = {}, body = "{\"detail\":\"Authorization is unavailable\"}" }
    AUTHORIZER_FAILURE             = { status = "500", headers = {}, body = "{\"detail\":\"Authorization is unavailable\"}" }
    AUTHORIZER_CONFIGURATION_ERROR = { status = "500", headers = {}, body = "{\"detail\":\"Authorization is unavailable\"}" }
  }
}

resource "aws_api_gateway_gateway_response" "rest" {
  for_each = local.responses

  rest_api_id         = aws_api_gateway_rest_api.rest.id
  response_type       = each.key
  status_code         = each.value.status
  response_parameters = each.value.headers
  response_templates  = { "application/json" = each.value.body }
}

# A deployment is a snapshot: it is made again when something in it changes.
resource "aws_api_gateway_deployment" "rest" {
  rest_api_id = aws_api_gateway_rest_api.rest.id

  triggers = {
    configuration = sha256(jsonencode([
      aws_api_gateway_authorizer.rollcall,
      aws_api_gateway_method.root,
      aws_api_gateway_integration.root,
      aws_api_gateway_gateway_response.rest,
    ]))
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "rest" {
  rest_api_id   = aws_api_gateway_rest_api.rest.id
  deployment_id = aws_api_gateway_deployment.rest.id
  stage_name    = "prod"
}
