"""Countries by English name and code: their clocks, where these agree, their zones, what is paid with.

Source: `iso3166.tab` and `zone.tab` of the package `tzdata` (public domain).
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from tripsage_tui.places.folding import fold

# What the table writes differently from what people write.
_ALSO = {
    "uk": "GB",
    "great britain": "GB",
    "united kingdom": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "south korea": "KR",
    "north korea": "KP",
    "czechia": "CZ",
    "turkiye": "TR",
    "holland": "NL",
    "emirates": "AE",
    "uae": "AE",
}
# What is paid with: ISO 4217 and the countries. A test holds it against babel's CLDR data.
_PAYING = (
    "AED:AE AFN:AF ALL:AL AMD:AM AOA:AO ARS:AR AUD:AU,CC,CX,HM,KI,NF,NR,TV AWG:AW AZN:AZ BAM:BA BBD:BB BDT:BD "
    "BHD:BH BIF:BI BMD:BM BND:BN BOB:BO BRL:BR BSD:BS BTN:BT BWP:BW BYN:BY BZD:BZ CAD:CA CDF:CD CHF:CH,LI CLP:CL "
    "CNY:CN COP:CO CRC:CR CUP:CU CVE:CV CZK:CZ DJF:DJ DKK:DK,FO,GL DOP:DO DZD:DZ EGP:EG ERN:ER ETB:ET "
    "EUR:AD,AT,AX,BE,BG,BL,CY,DE,EE,ES,FI,FR,GF,GP,GR,HR,IE,IT,LT,LU,LV,MC,ME,MF,MQ,MT,NL,PM,PT,RE,SI,SK,SM,TF,VA,YT "
    "FJD:FJ FKP:FK GBP:GB,GG,GS,IM,JE GEL:GE GHS:GH GIP:GI GMD:GM GNF:GN GTQ:GT GYD:GY HKD:HK HNL:HN HTG:HT "
    "HUF:HU IDR:ID ILS:IL,PS INR:IN IQD:IQ IRR:IR ISK:IS JMD:JM JOD:JO JPY:JP KES:KE KGS:KG KHR:KH KMF:KM KPW:KP "
    "KRW:KR KWD:KW KYD:KY KZT:KZ LAK:LA LBP:LB LKR:LK LRD:LR LYD:LY MAD:EH,MA MDL:MD MGA:MG MKD:MK MMK:MM MNT:MN "
    "MOP:MO MRU:MR MUR:MU MVR:MV MWK:MW MXN:MX MYR:MY MZN:MZ NGN:NG NIO:NI NOK:BV,NO,SJ NPR:NP NZD:CK,NU,NZ,PN,TK "
    "OMR:OM PEN:PE PGK:PG PHP:PH PKR:PK PLN:PL PYG:PY QAR:QA RON:RO RSD:RS RUB:RU RWF:RW SAR:SA SBD:SB SCR:SC "
    "SDG:SD SEK:SE SGD:SG SHP:SH SLE:SL SOS:SO SRD:SR SSP:SS STN:ST SYP:SY SZL:SZ THB:TH TJS:TJ TMT:TM TND:TN "
    "TOP:TO TRY:TR TTD:TT TWD:TW TZS:TZ UAH:UA UGX:UG "
    "USD:AS,BQ,EC,FM,GU,IO,MH,MP,PA,PR,PW,SV,TC,TL,UM,US,VG,VI,ZW UYU:UY UZS:UZ VES:VE VND:VN VUV:VU WST:WS "
    "XAF:CF,CG,CM,GA,GQ,TD XCD:AG,AI,DM,GD,KN,LC,MS,VC XCG:CW,SX XOF:BF,BJ,CI,GW,ML,NE,SN,TG XPF:NC,PF,WF YER:YE "
    "ZAR:LS,NA,ZA ZMW:ZM"
)
_SEASONS = (datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 7, 1, tzinfo=UTC))


def zone_of_country(name: str) -> str | None:
    """The first zone of a country; None where its clocks differ in winter or summer, or where it is no country."""
    codes, zones = _tables()
    found = zones.get(codes.get(fold(name.strip()), ""), ())
    offsets = {tuple(at.astimezone(ZoneInfo(zone)).utcoffset() for at in _SEASONS) for zone in found}
    return found[0] if len(offsets) == 1 else None


def country_code(name: str) -> str | None:
    """The ISO 3166-1 alpha-2 code of a country written by code or English name; None where it is none."""
    codes, _ = _tables()
    typed = name.strip()
    return typed.upper() if typed.upper() in _names() else codes.get(fold(typed))


def country_name(code: str) -> str:
    """The English name of a country; the code itself where it is unknown."""
    return _names().get(code, code)


def countries_named(text: str) -> list[str]:
    """The ISO codes of the countries whose English name begins like `text`, the shortest name first."""
    typed = fold(text.strip())
    codes, _ = _tables()
    found = sorted((len(name), name, code) for name, code in codes.items() if name.startswith(typed))
    return list(dict.fromkeys(code for _, _, code in found)) if typed else []


def country_of_zone(zone: str | None) -> str | None:
    """The country of an IANA zone by its main name, as an ISO code; aliases and `UTC` have none."""
    return _zones().get(zone or "")


def currency_of(code: str | None) -> str | None:
    """What is paid with in a country, as an ISO 4217 code; of several the usual one."""
    return _currencies().get(code or "")


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    names = {code: name.partition(" (")[0] for code, name in _rows("iso3166.tab")}
    return names | {"KR": "South Korea", "KP": "North Korea", "GB": "United Kingdom"}


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    return {zone: code for code, zones in _tables()[1].items() for zone in zones}


@lru_cache(maxsize=1)
def _currencies() -> dict[str, str]:
    pairs = (entry.partition(":") for entry in _PAYING.split())
    return {code: currency for currency, _, codes in pairs for code in codes.split(",")}


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Codes by folded name, and zones by code in the order of the table."""
    codes = {fold(name.partition(" (")[0]): code for code, name in _rows("iso3166.tab") if "Korea" not in name} | _ALSO
    zones: dict[str, tuple[str, ...]] = {}
    for code, _place, zone, *_ in _rows("zone.tab"):
        zones[code] = (*zones.get(code, ()), zone)
    return codes, zones


def _rows(table: str) -> list[list[str]]:
    text = files("tzdata").joinpath("zoneinfo", table).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
