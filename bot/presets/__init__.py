"""Five written standards as configuration: ``<name>.toml`` and ``<name>.demands.toml``."""
