# An HTTP API behind the authorizer.

resource "aws_apigatewayv2_api" "http" {
  name          = "rollcall-http"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_authorizer" "rollcall" {
  api_id                            = aws_apigatewayv2_api.http.id
  name                              = "Rollcall"
  authorizer_type                   = "REQUEST"
  authorizer_uri                    = aws_lambda_function.authorizer.invoke_arn
  authorizer_payload_format_version = "2.0"
  # True goes with HTTP_RESPONSE_FORMAT=simple, the function's default. False, which is Terraform's
  # own default, goes with HTTP_RESPONSE_FORMAT=policy. Anything else is a 500 for everybody.
  enable_simple_responses = lookup(var.settings, "HTTP_RESPONSE_FORMAT", "simple") == "simple"
  identity_sources        = ["$request.header.Authorization"]
  # 0: a disabled user is out on the next request. Left out, it would be 300.
  authorizer_result_ttl_in_seconds = 0
}

resource "aws_lambda_permission" "http_authorizer" {
  statement_id  = "HttpApi"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.authorizer.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.http.execution_arn}/authorizers/${aws_apigatewayv2_authorizer.rollcall.id}"
}

# Your own backend. Here any address that can be reached stands for it.
resource "aws_apigatewayv2_integration" "backend" {
  api_id             = aws_apigatewayv2_api.http.id
  integration_type   = "HTTP_PROXY"
  integration_method = "GET"
  integration_uri    = "https://backend.example.com/"
}

resource "aws_apigatewayv2_route" "root" {
  api_id             = aws_apigatewayv2_api.http.id
  route_key          = "GET /"
  authorization_type = "CUSTOM"
  authorizer_id      = aws_apigatewayv2_authorizer.rollcall.id
  target             = "integrations/${aws_apigatewayv2_integration.backend.id}"
}

resource "aws_apigatewayv2_stage" "http" {
  api_id      = aws_apigatewayv2_api.http.id
  name        = "$default"
  auto_deploy = true
}
