"""The subcommands of `dialtree`, a module each; beside `services.cli` the only modules that may know both services."""
