resource "aws_route53_zone" "this" {
  name    = var.zone_name
  comment = "Managed by Terraform"
}

resource "aws_route53_record" "a" {
  for_each = var.records

  zone_id = aws_route53_zone.this.zone_id
  name    = each.key
  type    = "A"
  ttl     = var.ttl_seconds
  records = [each.value]
}
