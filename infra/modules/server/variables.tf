variable "name" {
  description = "Name of the server."
  type        = string
}

variable "role" {
  description = "What it does: the group of the Ansible inventory that it is put into."
  type        = string
}

variable "ami_id" {
  description = "Image to boot."
  type        = string
}

variable "instance_type" {
  description = "EC2 instance type."
  type        = string
}

variable "root_volume_gib" {
  description = "Size of the encrypted gp3 root volume in GiB."
  type        = number

  validation {
    condition     = var.root_volume_gib >= 8 && var.root_volume_gib <= 16384
    error_message = "root_volume_gib must be 8 to 16384."
  }
}

variable "subnet_id" {
  description = "Subnet of the network interface."
  type        = string
}

variable "security_group_ids" {
  description = "Security groups of the network interface."
  type        = list(string)
}

variable "key_name" {
  description = "EC2 key pair that Ansible logs in with; null for none."
  type        = string
  default     = null
}
