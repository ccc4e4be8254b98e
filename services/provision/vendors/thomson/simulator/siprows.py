"""The parameters of `[sip]` that all models know, each with what it takes (phone-spec 3.5).

Read a second time from the phone's documentation, on purpose: never derived from the catalogue that renders.
`{1..4}` counts (with leading zeros where the first number has them), `{MP,BK}` lists. Misspellings are the phone's own.
"""

from typing import Final

from services.provision.vendors.thomson.simulator.checks import (
    BY_CODE,
    COUNT,
    DIAL,
    FLAG,
    HOST,
    PARK_CODES,
    PASSWORD,
    PORT,
    SECONDS,
    TARGET,
    TEXT,
    Check,
    number,
    one_of,
    ranking,
)

SIP: Final[tuple[tuple[Check, str], ...]] = (
    (
        FLAG,
        """Accept18Xwithout100rel ACD Answer_180_100rel auth_info B_suppress_evt CallBlockPlayAnn CallFwdPlayAnn CallJoin
        CallWaitingPlayAnn ClirPlayAnn ComverseParkFlag ConnectReuseFlg{MP,BK}{1..4} DisplayNameFlag{1..4}
        DisplayNumFlag{1..4} DiversionHeaderFlag DNDPlayAnn HeaderCompact HgPlayAnn Hold_bf_AttTrans MissedCallSummary
        Offer_180_100rel P-AssertedIDforCallee P_id_type RandomCSeqFlag RandomRTPPortFlag REQ_RUI_with_port
        RetPrevTransNotAllow RFC2833 RFC3262 SCAMainLinePrivate service_route SFPlayAnn SharedCallAppearance
        sip_instance_id Specific_IP_flag subscribe_event SubscribeDilaogBeforeLogin sw_anon_reject sw_call_park
        sw_notify_autoprovision sw_tr_vmail_flag TEL{01..04}Use TIAlternativeCall TLSNoDisconTimeout TransferUseContact
        TrVoiceMailPlayAnn UnholdCodec UnRegister_priorFlg{MP,BK}{1..4} use_PrivateNumber UseContactInSubscribe
        USRPhoneFlg""",
    ),
    (one_of(0, 2), "sw_CF sw_CFA sw_CFB sw_CFNA sw_not_disturb"),
    (one_of(0, 1, 2), "ACRResp DNDResp TransportFlg{MP,BK}{1..4}"),
    (
        BY_CODE,
        """CallBlockFlg CallFwdFlg CallParkFlg CallPkupFlg CallWaitingFlg ClirFlg DNDFlg TrVoiceMailFlg{0..4}""",
    ),
    (
        DIAL,
        """CallBlockAllowSC CallBlockOFFSC CallBlockRejectSC CallFwdAlwaysSC CallFwdBusySC CallFwdNoAnswerSC CallFwdOffSC
        CallParkSC CallPkupSC CallRetreiveSC CallWaitingOffSC CallWaitingOnSC CFUOffSV CFUOnSV ClirOffSC ClirOnSC
        DNDOffSC DNDOffSV DNDOnSC DNDOnSV HGOffSC HGOffSV HGOnSC HGOnSV SFOffSC SFOffSV SFOnSC SFOnSV TransferOnRingSC
        TrVoiceMailOffSC{0..4} TrVoiceMailOnSC{0..4} TrVoiceMailRingSC{0..4}""",
    ),
    (PARK_CODES, "ComverseParkCode"),
    (ranking("dialed", "passerted", "remoteparty"), "CalledDisplayPrior"),
    (ranking("ppreferred", "passerted", "remoteparty", "from"), "CLIPDisplayPrior"),
    (
        HOST,
        """AuthMessageServer AuthNotifyCheckSync CF_domain NatKeepAliveDest OutBoundProxy0 ProxyServer{MP,BK}{1..4}
        RegEventServer RegisterServer{MP,BK}{1..4} ServiceDomain{MP,BK}{1..4} VoiceMailAddr""",
    ),
    (PASSWORD, "regpwd{1..4}"),
    (
        TARGET,
        "CF_Address1 ConferenceFactoryURI TEL{1..4}Number sw_park_srv_addr0 sw_tr_vmail_address{1..4} VoiceMailTelNum",
    ),
    (TEXT, "DisplayName{1..4} DisplayNum{1..4} ProfileName{1..4} regid{1..4}"),
    (
        PORT,
        """OutBoundPort0 sip_port{MP,BK}{1..4} sip_pxy_srv_port{MP,BK}{1..4} sip_pxy_tls_srv_port{MP,BK}{0..4}
        sip_reg_srv_port{MP,BK}{1..4} RtpPort TLSPort TLSPort{MP,BK}{0..4} VoiceMailPort""",
    ),
    (number(96, 127, "a dynamic payload type"), "ilbc133_payload ilbc_payload RFC2833_rtp_pltype"),
    (
        SECONDS,
        """CFNA_Time1 ExpireTime{MP,BK}{1..4} NatKeepAliveTimer RegisterFrequency{MP,BK}{1..4} ReTransTimer2 SessionExpire
        SessionExpireMin SubscriptionExpire SubscriptionExpireCB""",
    ),
    (number(1, 65535, "milliseconds"), "ReTransTimer1"),
    (
        COUNT,
        """call_hold_method CallBlockType CallParkType ConferenceMode Earlymediatype OutBoundType PrivacyFlag1
        RegReflashMod RejectCode SessionMethod SessionRefresher URLType{MP,BK}{1..4}""",
    ),
)
