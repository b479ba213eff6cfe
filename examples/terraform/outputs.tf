output "authorizer_function_name" {
  value = aws_lambda_function.authorizer.function_name
}

output "http_api_id" {
  value = aws_apigatewayv2_api.http.id
}

output "rest_api_id" {
  value = aws_api_gateway_rest_api.rest.id
}
