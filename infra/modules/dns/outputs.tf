output "zone_id" {
  description = "Id of the hosted zone."
  value       = aws_route53_zone.this.zone_id
}

output "name_servers" {
  description = "Name servers to delegate the domain to."
  value       = aws_route53_zone.this.name_servers
}

output "host_names" {
  description = "Full names of the A records."
  value       = { for name, record in aws_route53_record.a : name => record.fqdn }
}
