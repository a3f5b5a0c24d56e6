"""What happens to a store while a bot uses it (F11), done to real files, disks and processes."""
