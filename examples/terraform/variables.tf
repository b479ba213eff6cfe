variable "settings" {
  description = "Settings of the authorizer, by their names. What is not named has its default."
  type        = map(string)
  default = {
    JWT_ISSUER         = "https://idp.example.com/"
    JWT_AUDIENCE       = "https://api.example.com"
    REQUIRE_USER_IN_DB = "true"
  }
}

variable "authorizer_zip" {
  description = "Path of rollcall-authorizer.zip of the release."
  type        = string
  default     = "rollcall-authorizer.zip"
}
