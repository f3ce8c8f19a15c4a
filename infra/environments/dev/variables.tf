variable "project" {
  description = "Name of the product; prefix of every resource's name."
  type        = string
  default     = "shop"
}

variable "environment" {
  description = "Name of this environment."
  type        = string
  default     = "dev"
}

variable "region" {
  description = "AWS region."
  type        = string
}

variable "availability_zones" {
  description = "Zones of the region to use."
  type        = list(string)

  validation {
    condition     = alltrue([for zone in var.availability_zones : startswith(zone, var.region)])
    error_message = "availability_zones must be zones of the region ${var.region}."
  }
}

variable "cidr_block" {
  description = "Address range of the VPC, a /16."
  type        = string
}

variable "admin_cidr_blocks" {
  description = "Who may log in over SSH. Never everyone."
  type        = list(string)
  default     = []

  validation {
    condition     = !contains(var.admin_cidr_blocks, "0.0.0.0/0")
    error_message = "admin_cidr_blocks must not hold 0.0.0.0/0: give the addresses of your administrators or of the runner."
  }
}

variable "zone_name" {
  description = "Domain of this environment."
  type        = string
}

variable "ami_id" {
  description = "Image of the servers; null for the current Ubuntu 24.04."
  type        = string
  default     = null
}

variable "key_name" {
  description = "EC2 key pair that Ansible logs in with; null for none."
  type        = string
  default     = null
}

variable "ansible_user" {
  description = "User that Ansible logs in as."
  type        = string
  default     = "ubuntu"
}

variable "servers" {
  description = "Servers by host name."
  type = map(object({
    role            = string
    instance_type   = string
    root_volume_gib = optional(number, 20)
  }))

  validation {
    condition     = alltrue([for name in keys(var.servers) : can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", name))])
    error_message = "servers must be keyed by host names: letters, digits and hyphens, in lower case."
  }
}
