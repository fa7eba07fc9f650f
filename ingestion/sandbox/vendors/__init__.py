"""One file a vendor, named as the source that pulls from it. Each file has

- `SETTINGS`: the source's environment variables (without their `SOURCES__<SOURCE>__` prefix) that the sandbox accepts;
- `routes`: the vendor's endpoints, mounted under `/<source>`; handlers read the company from `request.app.state.world`;
- `rate_limited(request)` and `unauthorized(request)`: the vendor's own answers to those faults.
"""
