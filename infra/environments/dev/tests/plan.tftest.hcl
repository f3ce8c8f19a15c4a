# Runs with `terraform test` and no account: the provider is mocked.
mock_provider "aws" {}

variables {
  ami_id = "ami-0123456789abcdef0"
}

run "servers_are_spread_over_the_zones" {
  command = plan

  assert {
    condition     = local.zone_of["app"] == "us-east-1a" && local.zone_of["monitoring"] == "us-east-1b"
    error_message = "Two servers must not share a zone while another is free."
  }
}

run "ssh_is_never_open_to_everyone" {
  command = plan

  variables {
    admin_cidr_blocks = ["0.0.0.0/0"]
  }

  expect_failures = [var.admin_cidr_blocks]
}
