variable "name" {
  description = "Prefix of every Name tag."
  type        = string
}

variable "cidr_block" {
  description = "Address range of the VPC, a /16."
  type        = string

  validation {
    condition     = can(cidrnetmask(var.cidr_block)) && endswith(var.cidr_block, "/16")
    error_message = "cidr_block must be an IPv4 /16 such as 10.20.0.0/16."
  }
}

variable "availability_zones" {
  description = "Zones to spread the subnets over, one public and one private subnet in each."
  type        = list(string)

  validation {
    condition     = length(var.availability_zones) >= 1 && length(var.availability_zones) <= 8 && length(distinct(var.availability_zones)) == length(var.availability_zones)
    error_message = "availability_zones must name 1 to 8 different zones."
  }
}
