using Funion.Network;

namespace Funion.Cli.Network;

/// <summary>Verdicts for people.</summary>
static class VerdictText
{
    public static string Sentence(DocumentVerdict verdict) => verdict switch
    {
        DocumentVerdict.Accepted => "it is accepted.",
        DocumentVerdict.Malformed => "it is not a network document.",
        DocumentVerdict.UnsupportedFormat => "its format is newer than this tool.",
        DocumentVerdict.OtherNetwork => "it belongs to a network whose authorities are not pinned.",
        DocumentVerdict.SignatureInvalid => "an authority's signature does not verify.",
        DocumentVerdict.NotEnoughSignatures => "too few of the pinned authorities signed it.",
        DocumentVerdict.RulesBroken => "it breaks a rule of the protocol.",
        DocumentVerdict.OlderThanKnown => "it is older than one that was accepted before.",
        DocumentVerdict.ConflictsWithKnown => "it differs from the accepted document of the same version.",
        DocumentVerdict.BrokenChain => "it does not follow the last accepted document.",
        DocumentVerdict.NotYetValid => "its time has not come.",
        DocumentVerdict.Expired => "it is expired.",
        DocumentVerdict.DiffersBetweenGateways => "another gateway shows a different one.",
        _ => throw new ArgumentOutOfRangeException(nameof(verdict)),
    };

    public static string? Hint(DocumentVerdict verdict) => verdict switch
    {
        DocumentVerdict.OtherNetwork => "pin its authorities: funion network trust FILE.authorities",
        DocumentVerdict.NotEnoughSignatures => "each authority signs with: funion network sign FILE --key KEYFILE",
        DocumentVerdict.NotYetValid or DocumentVerdict.Expired => "check this machine's clock; otherwise ask the operators for the current document",
        DocumentVerdict.ConflictsWithKnown or DocumentVerdict.BrokenChain or DocumentVerdict.DiffersBetweenGateways
            or DocumentVerdict.OlderThanKnown => "somebody may be showing you a network of their own: ask the operators by another way",
        _ => null,
    };
}
