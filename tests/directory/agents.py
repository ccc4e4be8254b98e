"""What each vendor's phones call themselves."""

from typing import Final

AGENTS: Final = {
    "thomson": "THOMSON ST2030 hw5 fw2.72 00-14-7F-E1-47-B3",
    "yealink": "Yealink SIP-T46G 28.72.0.25 00:15:65:00:00:01",
    "snom": "Mozilla/4.0 (compatible; snom370-SIP 8.7.3.19)",
    "cisco": "Cisco-CP-7960G/8.0",
    "grandstream": "Grandstream Model HW GXP2135 SW 1.0.4.82 DevId 000b82000001",
    "fanvil": "Fanvil X4 2.4.0 0c383e000001",
    "polycom": "FileTransport PolycomVVX-VVX_410-UA/5.4.0.5841 Type/Application",
    "gigaset": "Gigaset N510 IP PRO/42.250.00.000.000; 7C2F80000001",
}
