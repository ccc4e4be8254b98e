"""The sections of the configuration, put together in `shared.config`; each knows only itself."""
