"""The pages of BenchmarkVisit, read by Scrapy: the same texts are taken from each.

usage: python3 loop.py <file with addresses> <how many at once> <how often>

Prints the seconds from the first request to the last answer; the start of the
interpreter does not count.
"""
import sys
import time

import scrapy
from scrapy.crawler import CrawlerProcess

addresses, at_once, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


class Loop(scrapy.Spider):
    name = "loop"
    found = pages = 0
    custom_settings = {
        "CONCURRENT_REQUESTS": at_once,
        "CONCURRENT_REQUESTS_PER_DOMAIN": at_once,
        "DOWNLOAD_DELAY": 0,
        "ROBOTSTXT_OBEY": False,
        "TELNETCONSOLE_ENABLED": False,
        "COOKIES_ENABLED": True,
        "LOG_LEVEL": "ERROR",
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
    }

    def start_requests(self):
        with open(addresses) as f:
            lines = f.read().split()
        Loop.begun = time.perf_counter()
        for _ in range(rounds):
            for address in lines:
                yield scrapy.Request(address)

    def parse(self, response):
        found = 0
        for row in response.css("#orders tr.order"):
            for path in ("::attr(data-id)", "time::attr(datetime)", ".number a::text", ".customer::text", ".status::text", ".total::text"):
                found += len(row.css(path).get(""))
        for field in ("#name", "#email", "#phone", "#payment"):
            found += len(response.css(field + "::attr(value)").get(""))
        for field in ("#number", "#status", "#total", "#pay"):
            found += len(response.css(field + "::text").get(""))
        for row in response.css("#lines tr.line"):
            for field in (".title", ".sku", ".quantity", ".sum"):
                found += len(row.css(field + "::text").get(""))
        if not found:
            raise ValueError("nothing found at " + response.url)
        Loop.pages += 1
        Loop.ended = time.perf_counter()


process = CrawlerProcess()
process.crawl(Loop)
process.start()
with open(addresses) as f:
    want = len(f.read().split()) * rounds
if Loop.pages != want:
    sys.exit(f"{Loop.pages} pages of {want}")
print(Loop.ended - Loop.begun)
