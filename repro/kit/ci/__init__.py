"""What runs in CI: everything of it that can be wrong, out of YAML. GitHub Actions and GitLab do the scheduling."""
