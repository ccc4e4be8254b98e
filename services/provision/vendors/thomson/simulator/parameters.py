"""The parameters that an ST2030 knows, by section, and the keys of the general file.

Written a second time from the phone's documentation, on purpose: never derived from the catalogue that renders.
`{1..4}` counts (with leading zeros where the first number has them), `{MP,BK}` lists. Misspellings are the phone's own.
"""

import re
from collections.abc import Iterator
from typing import Final

from services.provision.vendors.thomson.simulator.inifile import Vocabulary

GENERAL_FILE: Final[Vocabulary] = {
    "application": frozenset({"fwurl", "dspurl", "booturl"}),
    "config": frozenset(
        {
            "telcfg",
            "common_config",
            "config",
            "melodies",
            "system_melodies",
            "call_waiting_tone",
            "tone_table",
            "language_table",
        }
    ),
}

_IPP = """
    auto_cb Auto_pickup_Method AutoAnsMode AutoAnsTimer Autocall AutocallNumber AutoHangUpTimer AutoPkupNum
    AutoRejectTimer AutoStopTimer CaLogPrefix Check_phonebook_domain_name DateFlag Disable_call_progress
    Hide_Phone_Number_Display HideMissedCall LanguageType Local_Pickup_type LocalMusicOnHold ManualLog NeverHangup
    OptionVisible PasswordFlag PasswordString PhoneLock Pick_up_call RestoreLanguageType Ringer_default_vol Ringer_lock
    RingToneMP{1..4} Silence200 Suppress-DomainName-Flag TimeFlag Transfer_to_voice_mail TransfOnRingFlag
"""

_NET = """
    DNSFB DNSFLG DNSSrv{1..2} DSCPflag ESWITCH_LAN ESWITCH_PC Gateway HttpsType IpDFflag ipwan lldpChassisID
    lldpPortDesc lldpPortID lldpSysCap lldpSysDesc lldpSysName lldpTTL lldpTxPeriod lldpXAssetID lldpXEndpLocIdenti
    lldpXFlag lldpXMediaCap lldpXNetPolicy MaskWan PersistentVLANfromDHCP TelnetSrv TelnetTime VLAN WanModFlag
"""

_SIP = """
    Accept18Xwithout100rel ACD ACRResp Answer_180_100rel auth_info AuthMessageServer AuthNotifyCheckSync B_suppress_evt
    call_hold_method CallBlockAllowSC CallBlockFlg CallBlockOFFSC CallBlockPlayAnn CallBlockRejectSC CallBlockType
    CalledDisplayPrior CallFwdAlwaysSC CallFwdBusySC CallFwdFlg CallFwdNoAnswerSC CallFwdOffSC CallFwdPlayAnn CallJoin
    CallParkFlg CallParkSC CallParkType CallPkupFlg CallPkupSC CallRetreiveSC CallWaitingFlg CallWaitingOffSC
    CallWaitingOnSC CallWaitingPlayAnn CF_Address1 CF_domain CFNA_Time1 CFUOffSV CFUOnSV CLIPDisplayPrior ClirFlg
    ClirOffSC ClirOnSC ClirPlayAnn ComverseParkCode ComverseParkFlag ConferenceFactoryURI ConferenceMode
    ConnectReuseFlg{MP,BK}{1..4} DisplayNameFlag{1..4} DisplayName{1..4} DisplayNumFlag{1..4} DisplayNum{1..4}
    DiversionHeaderFlag DNDFlg DNDOffSC DNDOffSV DNDOnSC DNDOnSV DNDPlayAnn DNDResp Earlymediatype
    ExpireTime{MP,BK}{1..4} HeaderCompact HGOffSC HGOffSV HGOnSC HGOnSV HgPlayAnn Hold_bf_AttTrans ilbc133_payload
    ilbc_payload MissedCallSummary NatKeepAliveDest NatKeepAliveTimer Offer_180_100rel OutBoundPort0 OutBoundProxy0
    OutBoundType P-AssertedIDforCallee P_id_type PrivacyFlag1 ProfileName{1..4} ProxyServer{MP,BK}{1..4}
    RandomCSeqFlag RandomRTPPortFlag RegEventServer regid{1..4} RegisterFrequency{MP,BK}{1..4}
    RegisterServer{MP,BK}{1..4} regpwd{1..4} RegReflashMod RejectCode REQ_RUI_with_port RetPrevTransNotAllow
    ReTransTimer{1..2} RFC2833 RFC2833_rtp_pltype RFC3262 RtpPort SCAMainLinePrivate service_route
    ServiceDomain{MP,BK}{1..4} SessionExpire SessionExpireMin SessionMethod SessionRefresher SFOffSC SFOffSV SFOnSC
    SFOnSV SFPlayAnn SharedCallAppearance sip_instance_id sip_port{MP,BK}{1..4} sip_pxy_srv_port{MP,BK}{1..4}
    sip_pxy_tls_srv_port{MP,BK}{0..4} sip_reg_srv_port{MP,BK}{1..4} Specific_IP_flag subscribe_event
    SubscribeDilaogBeforeLogin SubscriptionExpire SubscriptionExpireCB sw_anon_reject sw_call_park sw_CF sw_CFA sw_CFB
    sw_CFNA sw_not_disturb sw_notify_autoprovision sw_park_srv_addr0 sw_tr_vmail_address{1..4} sw_tr_vmail_flag
    TEL{01..04}Use TEL{1..4}Number TIAlternativeCall TLSNoDisconTimeout TLSPort TLSPort{MP,BK}{0..4} TransferOnRingSC
    TransferUseContact TransportFlg{MP,BK}{1..4} TrVoiceMailFlg{0..4} TrVoiceMailOffSC{0..4} TrVoiceMailOnSC{0..4}
    TrVoiceMailPlayAnn TrVoiceMailRingSC{0..4} UnholdCodec UnRegister_priorFlg{MP,BK}{1..4} URLType{MP,BK}{1..4}
    use_PrivateNumber UseContactInSubscribe USRPhoneFlg VoiceMailAddr VoiceMailPort VoiceMailTelNum
"""

_SYS = """
    2833_volume AEC Alternate_Dtmf_Code Ans_Libretre_Dtmf_Code BLFListSipUri BLFType CodecAdaptivePlayout
    CodecJitterBufMult CodecPktime CodecPriority Conference_Dtmf_Code CountryCode Current_Max_Multiline Dial_Dtmf_Code
    Dialednum_timeout DisableCWtone dtmf_mode_flag EmergencyDialPlan FeatureKeyExt{01..66} FeatureKeyLock
    FeatureKeyOpt{01..66} FKExt{01..66}_sec MGC_service NormalDigitFlag PBXconfiguration PBXprefix PCallLogURL
    Phonebook{1..8}_name Phonebook{1..8}_url PSettingURLdl PSettingURLul RCallLogFlg RCallLogURL Rel_Libretre_Dtmf_Code
    ServiceSupervisionFK ServiceSupOrder softkey{01..12} SRTPFlag StartSpareFK SuppressRTCP TelnetID TelnetPWD
    Transfer_Dtmf_Code UserID UserPWD V_flag V_state_prefix VAD VOIPDialPlan VPNEscCode VPNesp{1..66} WebPWD
"""

_AUTOPROVISION = """
    AutoprovisionFlag AutoprovisionHTTPServer AutoprovisionRetryPeriod Autoprovisionstarttime AutoprovisionTFTPServer
    AutoprovisionTimeDays AutoprovisionTimeSpan Decryption_Key
"""

_SNMP = """
    commRW{1..3} filter flag snmpManager{1..5} sysCommName{1..3} sysContact sysDescr sysLocation sysName sysTrapSrv
    TrapLevel
"""

_SERIAL: Final = "config_sn"


def _keys(patterns: str) -> frozenset[str]:
    return frozenset(key for pattern in patterns.split() for key in _expand(pattern))


def _expand(pattern: str) -> Iterator[str]:
    match = re.search(r"\{(.+?)\}", pattern)
    if match is None:
        yield pattern
        return
    first, dots, last = match[1].partition("..")
    numbers = (
        (f"{number:0{len(first)}}" for number in range(int(first), int(last) + 1)) if dots else match[1].split(",")
    )
    for part in numbers:
        yield from _expand(pattern[: match.start()] + part + pattern[match.end() :])


COMMON_FILE: Final[Vocabulary] = {
    "ipp": _keys(_IPP),
    "net": _keys(_NET),
    "pstn": frozenset(),
    "sip": _keys(_SIP),
    "snmp": _keys(_SNMP),
    "sys": _keys(_SYS),
    "autoprovision": _keys(_AUTOPROVISION),
    "qos": _keys("DSCP{1..3} TOS VLANid{1..2} VLANTag1 VLANTagdata"),
    "ftp": frozenset(),
    "ntp": _keys("NtpDaylight NtpDLT NTPFlag NtpIP NtpMode NtpSyncTime NtpZoneNum"),
    "pppoe": _keys("PPPoEID PPPoELCPMod PPPoELCPTimer PPPoEMTU PPPoEPWD"),
    "stun": _keys("STUNFlag STUNPort STUNSrv"),
    "upnp": _keys("UPnPFlag"),
    "customer": _keys("sw_call_wait"),
}
"""Without the serial: what it would mean in a common file is not known."""

PHONE_FILE: Final[Vocabulary] = {**COMMON_FILE, "sys": COMMON_FILE["sys"] | {_SERIAL}}
