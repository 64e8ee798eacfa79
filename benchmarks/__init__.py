"""Measurements that anybody can repeat: `./souk bench NAME`, or `python -m benchmarks.NAME`."""
