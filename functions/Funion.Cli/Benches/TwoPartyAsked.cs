using Funion.Private.Protocol;

namespace Funion.Cli.Benches;

/// <summary>One input that two parties answered: seconds and bytes of each phase, and whether it was the reference's answer.</summary>
readonly record struct TwoPartyAsked(double OfflineSeconds, double OnlineSeconds, Traffic Offline, Traffic Online, bool Matches);
