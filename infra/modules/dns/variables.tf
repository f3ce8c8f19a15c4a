variable "zone_name" {
  description = "Domain of the hosted zone."
  type        = string
}

variable "records" {
  description = "A records: host name to IPv4 address."
  type        = map(string)
}

variable "ttl_seconds" {
  description = "How long resolvers may keep a record."
  type        = number
  default     = 300
}
