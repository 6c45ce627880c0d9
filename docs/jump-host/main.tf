# A jump host for RDS Tunnel: one small instance in a private subnet, without any inbound rule, reached through Systems Manager alone.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "vpc_id" {
  description = "The database's VPC."
  type        = string
}

variable "subnet_id" {
  description = "A private subnet from which the database is reached. It needs a NAT gateway, or create_endpoints."
  type        = string
}

variable "database_security_group_id" {
  description = "The database's security group. A rule is added that lets the jump host in."
  type        = string
}

variable "database_port" {
  description = "The database's port."
  type        = number
  default     = 5432
}

variable "create_endpoints" {
  description = "Create the VPC endpoints of Systems Manager, for a subnet without a way to the internet."
  type        = bool
  default     = false
}

data "aws_region" "current" {}

data "aws_partition" "current" {}

# Amazon Linux, which brings the SSM agent (its minimal image does not).
data "aws_ssm_parameter" "image" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
}

resource "aws_iam_role" "jump_host" {
  name_prefix = "rds-tunnel-jump-host-"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "ssm" {
  role       = aws_iam_role.jump_host.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_instance_profile" "jump_host" {
  name_prefix = "rds-tunnel-jump-host-"
  role        = aws_iam_role.jump_host.name
}

# Nothing comes in.
resource "aws_security_group" "jump_host" {
  name_prefix = "rds-tunnel-jump-host-"
  description = "RDS Tunnel jump host - nothing comes in"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_egress_rule" "ssm" {
  security_group_id = aws_security_group.jump_host.id
  description       = "Systems Manager"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_vpc_security_group_egress_rule" "database" {
  security_group_id            = aws_security_group.jump_host.id
  description                  = "The database"
  ip_protocol                  = "tcp"
  from_port                    = var.database_port
  to_port                      = var.database_port
  referenced_security_group_id = var.database_security_group_id
}

resource "aws_vpc_security_group_ingress_rule" "database" {
  security_group_id            = var.database_security_group_id
  description                  = "RDS Tunnel jump host"
  ip_protocol                  = "tcp"
  from_port                    = var.database_port
  to_port                      = var.database_port
  referenced_security_group_id = aws_security_group.jump_host.id
}

resource "aws_instance" "jump_host" {
  ami                         = data.aws_ssm_parameter.image.value
  instance_type               = "t4g.nano"
  subnet_id                   = var.subnet_id
  vpc_security_group_ids      = [aws_security_group.jump_host.id]
  iam_instance_profile        = aws_iam_instance_profile.jump_host.name
  associate_public_ip_address = false

  metadata_options {
    http_tokens = "required"
  }

  tags = {
    Name                   = "rds-tunnel-jump-host"
    "rds-tunnel:jump-host" = "true"
  }

  lifecycle {
    ignore_changes = [ami]
  }
}

resource "aws_security_group" "endpoints" {
  count = var.create_endpoints ? 1 : 0

  name_prefix = "rds-tunnel-endpoints-"
  description = "Systems Manager endpoints - the jump host comes in"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  count = var.create_endpoints ? 1 : 0

  security_group_id            = aws_security_group.endpoints[0].id
  description                  = "The jump host"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.jump_host.id
}

resource "aws_vpc_endpoint" "ssm" {
  for_each = var.create_endpoints ? toset(["ssm", "ssmmessages", "ec2messages"]) : toset([])

  vpc_id              = var.vpc_id
  service_name        = "com.amazonaws.${data.aws_region.current.name}.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = [var.subnet_id]
  security_group_ids  = [aws_security_group.endpoints[0].id]
  private_dns_enabled = true
}

output "target" {
  description = "What a tunnel's jump host is called."
  value       = aws_instance.jump_host.id
}
