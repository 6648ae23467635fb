"""The load of the soak: one life of the legacy application, with all that is hard to trace.

Web clients in threads, generators that are left half-way, cancelled tasks, requests that fail. The
application and its stand-ins for the world (`peers`) are imported from a copy of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

CLIENTS = 3


def live(until: float) -> None:
    """One life of the application, from start to end."""
    import peers
    from oldshop.worker import celeryapp

    celeryapp.app.set_default()  # else a thread has an app of its own, which is not eager
    world = peers.World()
    carrier = peers.Carrier()
    app, left = world.app(), []
    app.config["PROPAGATE_EXCEPTIONS"] = False  # its order numbers are not made for many clients
    loads: list[Callable[[], None]] = [
        *([lambda: _visit(world, app)] * CLIENTS),
        lambda: _iterate(left),
        lambda: asyncio.run(_poll(carrier.port)),
        _work,
    ]

    def repeat(load: Callable[[], None]) -> None:
        load()
        while time.monotonic() < until:
            load()

    try:
        with ThreadPoolExecutor(len(loads)) as pool:
            for done in [pool.submit(repeat, load) for load in loads]:
                done.result()
    finally:
        left.clear()  # generators begun in a thread of the pool are closed in this one
        carrier.stop()
        world.close()


def _visit(world: Any, app: Any) -> None:
    """A customer: orders that are paid, declined and wrong, pages that are there and are not."""
    import peers

    client = app.test_client(use_cookies=False)
    headers = world.login(client)
    answer = world.order(client, headers).get_json(silent=True) or {}
    world.order(client, headers, card_number=peers.POOR)
    world.order(client, headers, items=[("NOTHING", 1)])
    client.get("/orders", headers=headers)
    client.get(f"/orders/{answer.get('order_no')}", headers=headers)
    client.get("/orders/BK999999", headers=headers)
    client.post("/orders", data="no JSON", headers=headers)
    del world.mailbox.messages[:], world.gateway.requests[:]


def _iterate(left: list[Iterator[Any]]) -> None:
    """Generators: used up, left half-way, closed, thrown into, handed to another thread."""
    from oldshop.inventory import bom, stock
    from oldshop.reports import sales

    span = ("2000-01-01", "2100-01-01")
    list(bom.explode("KIT-1"))
    list(itertools.islice(sales.csv_lines(*span), 3))
    next(stock.low_stock(10_000), None)
    rows = sales.running_total(sales.iter_orders(*span))
    if next(rows, None):
        with contextlib.suppress(StopIteration):
            rows.send(True)
        with contextlib.suppress(KeyError):
            rows.throw(KeyError("enough"))
    lines = sales.iter_lines(*span)
    next(lines, None)
    left.append(lines)
    if len(left) > 50:
        threading.Thread(target=left.clear).start()
    time.sleep(0.001)


async def _poll(port: int) -> None:
    """Coroutines: gathered, cancelled, timed out; asynchronous generators left half-way."""
    from oldshop import settings
    from oldshop.shipping import carriers

    settings.CARRIERS = {"snigel": ("127.0.0.1", port), "postbud": ("127.0.0.1", 1)}
    await carriers.poll_all()
    asking = [carriers.fetch_statuses("snigel", ["SN-1"]) for _ in range(3)]
    await asyncio.gather(*asking, carriers.fetch_statuses("postbud", []), return_exceptions=True)
    async with carriers.CarrierConnection("127.0.0.1", port) as connection:
        await connection.ask(["SN-1", "SN-2"])
        async for _ in connection.answers():
            break
    forever = asyncio.ensure_future(carriers.poll_forever(0.001))
    await asyncio.sleep(0.01)
    forever.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await forever
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(carriers.poll_forever(10), 0.005)


def _work() -> None:
    """Tasks of the worker, eager."""
    from oldshop.worker import tasks

    tasks.mail_low_stock.delay(20).get()
    tasks.export_month.delay("2019-01").get()
    tasks.ledger_check.delay().get()
    with contextlib.suppress(Exception):
        tasks.import_supplier_file.delay("/nowhere.csv").get()
