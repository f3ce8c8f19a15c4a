output "instance_id" {
  description = "Id of the instance."
  value       = aws_instance.this.id
}

output "public_ip" {
  description = "Elastic IP address of the server."
  value       = aws_eip.this.public_ip
}

output "private_ip" {
  description = "Address inside the VPC."
  value       = aws_instance.this.private_ip
}
