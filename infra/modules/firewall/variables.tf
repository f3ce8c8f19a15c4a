variable "name" {
  description = "Name of the security group."
  type        = string
}

variable "description" {
  description = "What the group is for."
  type        = string
}

variable "vpc_id" {
  description = "VPC that the group belongs to."
  type        = string
}

variable "ingress" {
  description = "TCP ports that are open, and to whom."
  type = list(object({
    name        = string
    port        = number
    cidr_blocks = list(string)
  }))

  validation {
    condition     = alltrue([for rule in var.ingress : rule.port != 22 || !contains(rule.cidr_blocks, "0.0.0.0/0")])
    error_message = "ingress must not open port 22 to 0.0.0.0/0: give the addresses of your administrators or of the runner."
  }
}
