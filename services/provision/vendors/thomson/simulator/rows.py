"""The parameters that a phone knows, by section, each with what it takes (phone-spec 3.5); `[sip]` stands in `siprows`.

Read a second time from the phone's documentation, on purpose: never derived from the catalogue that renders.
`{1..4}` counts (with leading zeros where the first number has them), `{KEYS}` counts the function keys of the model.
Misspellings are the phone's own. What TB30 1.74 keeps in [cwmp] for itself is left out: a server leaves it alone.
"""

from collections.abc import Mapping
from typing import Final

from services.provision.vendors.thomson.simulator.checks import (
    ADAPTIVE,
    ADDRESS,
    CLOCK,
    COUNT,
    DIAL,
    DIAL_PLAN,
    EMERGENCY,
    FLAG,
    FUNCTION_KEY,
    HOST,
    JITTER,
    KEY16,
    LOCATION,
    LOGIN_URL,
    PACKET_TIMES,
    PASSWORD,
    PIN,
    PRIORITIES,
    SECONDS,
    SUPERVISION,
    TARGET,
    TEXT,
    URL,
    Check,
    number,
    one_of,
    ranking,
    secret,
    word,
)
from services.provision.vendors.thomson.simulator.siprows import SIP

Rows = Mapping[str, tuple[tuple[Check, str], ...]]
"""By section: a check, and the keys whose values it judges."""

_DSCP: Final = number(0, 63)
_ETHERNET: Final = number(1, 5)

EVERY: Final[Rows] = {
    "ipp": (
        (
            FLAG,
            """auto_cb AutoAnsMode Autocall Check_phonebook_domain_name Disable_call_progress Hide_Phone_Number_Display
            HideMissedCall LocalMusicOnHold ManualLog NeverHangup PasswordFlag PhoneLock Pick_up_call Ringer_lock
            Silence200 Suppress-DomainName-Flag TimeFlag Transfer_to_voice_mail TransfOnRingFlag""",
        ),
        (one_of(*range(11), 15, 20, 25, 30, 40, 50, 60), "AutoAnsTimer AutoHangUpTimer"),
        (one_of(0, *range(6, 62, 5), 91, 121, 151, 180), "AutoRejectTimer"),
        (one_of(0, 6, *range(10, 65, 5), 90, 120, 150, 180), "AutoStopTimer"),
        (TARGET, "AutocallNumber"),
        (DIAL, "CaLogPrefix"),
        (number(0, 9), "DateFlag Ringer_default_vol"),
        (number(0, 8), "LanguageType"),
        (word("0 1 2 3 4 5 6 7 8 ||"), "RestoreLanguageType"),  # the vendor's own file of the TB30 holds the two bars
        (number(0, 8191, "a bit mask"), "OptionVisible"),
        (PIN, "PasswordString"),
        (number(0, 6), "RingToneMP{1..4}"),
    ),
    "net": (
        (
            FLAG,
            """DNSFB DNSFLG DSCPflag IpDFflag lldpXEndpLocIdenti lldpXFlag lldpXNetPolicy PersistentVLANfromDHCP TelnetSrv
            VLAN""",
        ),
        (ADDRESS, "DNSSrv{1..2} Gateway ipwan MaskWan"),
        (_ETHERNET, "ESWITCH_LAN ESWITCH_PC"),
        (COUNT, "HttpsType lldpSysCap lldpXMediaCap WanModFlag"),
        (number(1, 7), "lldpChassisID lldpPortID"),  # IEEE 802.1AB: subtypes 1-7
        (number(0, 65535, "seconds"), "lldpTTL lldpTxPeriod"),
        (TEXT, "lldpPortDesc lldpSysDesc lldpSysName lldpXAssetID"),
        (SECONDS, "TelnetTime"),
    ),
    "pstn": (),
    "sip": SIP,
    "snmp": (
        (FLAG, "commRW{1..3} filter flag"),
        (ADDRESS, "snmpManager{1..5} sysTrapSrv"),
        (secret(TEXT), "sysCommName{1..3}"),
        (TEXT, "sysContact sysDescr sysLocation sysName"),
        (COUNT, "TrapLevel"),
    ),
    "sys": (
        (number(0, 63), "2833_volume"),
        (
            FLAG,
            """AEC DisableCWtone FKExt{KEYS}_sec MGC_service NormalDigitFlag PBXconfiguration RCallLogFlg SRTPFlag
            SuppressRTCP V_flag VAD""",
        ),
        (
            DIAL,
            """Alternate_Dtmf_Code Ans_Libretre_Dtmf_Code Conference_Dtmf_Code Dial_Dtmf_Code PBXprefix
            Rel_Libretre_Dtmf_Code Transfer_Dtmf_Code""",
        ),
        (COUNT, "BLFType"),
        (ADAPTIVE, "CodecAdaptivePlayout"),
        (JITTER, "CodecJitterBufMult"),
        (PACKET_TIMES, "CodecPktime"),
        (PRIORITIES, "CodecPriority"),
        (word("US FR GB DE NL IT ES CZ PL SI AT"), "CountryCode"),
        (number(1, 10), "Current_Max_Multiline"),
        (one_of(*range(11), 15, 20), "Dialednum_timeout"),
        (one_of(0, 1, 4), "dtmf_mode_flag"),
        (EMERGENCY, "EmergencyDialPlan"),
        (FUNCTION_KEY, "BLFListSipUri FeatureKeyExt{KEYS}"),
        (SUPERVISION, "FeatureKeyOpt{KEYS}"),
        (TEXT, "FeatureKeyLock Phonebook{1..8}_name TelnetID UserID V_state_prefix"),
        (URL, "Phonebook{1..8}_url"),
        (LOGIN_URL, "PCallLogURL PSettingURLdl PSettingURLul RCallLogURL"),
        (number(0, 66), "ServiceSupervisionFK StartSpareFK"),
        (ranking("callfwd", "dnd", "secfilter", "huntgroup", unused=True), "ServiceSupOrder"),
        (PASSWORD, "TelnetPWD UserPWD WebPWD"),
        (DIAL_PLAN, "VOIPDialPlan"),
    ),
    "autoprovision": (
        (FLAG, "AutoprovisionFlag"),
        (LOCATION, "AutoprovisionHTTPServer AutoprovisionTFTPServer"),
        (COUNT, "AutoprovisionRetryPeriod AutoprovisionTimeDays AutoprovisionTimeSpan"),
        (CLOCK, "Autoprovisionstarttime"),
        (KEY16, "Decryption_Key"),
    ),
    "qos": (
        (_DSCP, "DSCP{1..3}"),
        (number(0, 255), "TOS"),
        (number(1, 4094), "VLANid{1..2}"),  # IEEE 802.1Q: 0 and 4095 are no VLAN
        (number(0, 7), "VLANTag1 VLANTagdata"),
    ),
    "ftp": (),
    "ntp": (
        (FLAG, "NtpDaylight NTPFlag"),
        (TEXT, "NtpDLT"),
        (HOST, "NtpIP"),
        (COUNT, "NtpMode NtpSyncTime"),
        (number(0, 63), "NtpZoneNum"),
    ),
    "pppoe": (
        (TEXT, "PPPoEID"),
        (COUNT, "PPPoELCPMod"),
        (SECONDS, "PPPoELCPTimer"),
        (number(576, 1500, "bytes"), "PPPoEMTU"),
        (PASSWORD, "PPPoEPWD"),
    ),
    "stun": ((FLAG, "STUNFlag"), (number(0, 65535, "a port"), "STUNPort"), (HOST, "STUNSrv")),
    "upnp": ((FLAG, "UPnPFlag"),),
    "customer": ((FLAG, "sw_call_wait"),),
}
"""Known to all models."""

LARGE: Final[Rows] = {
    "ipp": ((COUNT, "Auto_pickup_Method Local_Pickup_type"), (TARGET, "AutoPkupNum")),
    "sys": (
        (
            word(
                "CallLog PickUp LockPhone Login VoiceMail RetrievePark DNDstate ShortCut1 ShortCut2 ACDCheckIn "
                "ACDAvailable TrVoiceMail"
            ),
            "softkey{01..12}",
        ),
        (DIAL, "VPNEscCode"),
        (TEXT, "VPNesp{1..66}"),
    ),
}
"""Known to ST2030 and TB30, not to ST2022."""

ST2022_ONLY: Final[Rows] = {"ipp": ((FLAG, "Key_Echo"),), "sip": ((FLAG, "EventEndRetransmit"),)}

TB30_ONLY: Final[Rows] = {
    "ipp": (
        (FLAG, "IncomingLock LCDBackLigthSaving LocalPB LogoDisplay PolyMelody"),
        (COUNT, "BLBlinkMode BlBlinkTime PhoneLockMode TTime"),
        (SECONDS, "AutoLockTimeout LCDBackligthSavingTiming LogoTimeOut"),
    ),
    "net": ((FLAG, "DHCP_Opt60"),),
    "cwmp": (
        (LOGIN_URL, "CWMPACS"),
        (PASSWORD, "CWMPACSPassword CWMPConnReqPassword"),
        (TEXT, "CWMPACSUser CWMPConnReqUser"),
        (FLAG, "CWMPFlag CWMPPeriodicFlag Tr069HttpsCheckCA TR111STUNEnable"),
        (SECONDS, "CWMPPeriodicInterval"),
    ),
    "sys": (
        (TEXT, "BrandName ModelName"),
        (COUNT, "ehs_ringer_period logINlogOUTmode"),
        (KEY16, "Log_Decryption_Key"),
        (FLAG, "WebGuiBlocked WebLogoDisplay"),
    ),
    "autoprovision": ((FLAG, "NoUSBUpgrade"), (COUNT, "USBAPSTimerout")),
}
