using System.CommandLine;
using Funion.Cli.Asking;
using Funion.Verification;

namespace Funion.Cli.Verified;

/// <summary>What <c>infer</c> was told of verification.</summary>
/// <param name="Lambda">A provider that cheats passes with a probability of at most 2^-λ.</param>
/// <param name="Labelled">Labelled samples for the round.</param>
/// <param name="Pools">Files of samples; none: those beside the network document and in the user's folder.</param>
/// <param name="Later">Answer now, check later.</param>
/// <param name="Pending">Check what waits.</param>
/// <param name="Spread">Ask every provider of the same model.</param>
sealed record VerifyOptions(int Lambda, int Labelled, IReadOnlyList<string> Pools, bool Later, bool Pending, bool Spread)
{
    /// <summary>One sentence on what does not go together; null: all does.</summary>
    public string? Problem(int inputs) =>
        Lambda is < 1 or > VerificationPlan.MostLambda ? $"--verify takes 1 to {VerificationPlan.MostLambda}."
        : Labelled is < 0 or > 4_096 ? "--labelled takes 0 to 4096."
        : Later && (Pending || Spread || inputs != 1) ? "--later takes one input, and is no check."
        : inputs == 0 && !Pending ? "Name an input."
        : inputs > VerificationPlan.MostQueries ? $"A round takes up to {VerificationPlan.MostQueries} questions."
        : null;

    /// <summary>The command that checks what waits, asked as this was.</summary>
    public string Again(AskingRequest request)
    {
        (string Option, string? Value)[] options =
        [
            ("--mode", request.Mode == AskingRequest.Plain ? null : request.Mode), ("--channel", request.Channel == AskingRequest.Anonymous ? null : request.Channel),
            ("--network", request.Network), ("--authorities", request.Authorities), ("--invitation", request.Invitation), ("--trust", request.Trust),
            .. Pools.Select(pool => ("--samples", (string?)pool)),
        ];
        return string.Join(' ', [
            "funion infer", request.Model, $"--verify {Lambda} --pending", .. options.Where(one => one.Value is not null).Select(one => $"{one.Option} {Quoted(one.Value!)}"),
            .. request.InsecureSimulator ? (string[])["--insecure-simulator"] : [],
        ]);
    }

    static string Quoted(string value) => value.All(character => char.IsAsciiLetterOrDigit(character) || "/.-_:+=,@%".Contains(character, StringComparison.Ordinal))
        ? value
        : $"'{value.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    public static Option<int?> LambdaOption() => new("--verify")
    {
        Description = "Verified answers: a provider that cheats passes with a probability of at most 2^-λ, if it cannot tell inputs apart. Costs many runs; see: funion plan verify.",
    };

    public static Option<int> LabelledOption() => new("--labelled") { Description = "Labelled samples in a verified round, by which a provider's model is judged.", DefaultValueFactory = _ => 10 };

    public static Option<string[]> SamplesOption() => new("--samples")
    {
        Description = "Samples for --verify, as often as you like; default: beside the network document and in the folder samples of your settings.",
    };

    public static Option<bool> SpreadOption() => new("--spread")
    {
        Description = "With --verify: spread the runs over all providers of the same model that can be asked in this way. In plain mode each of them reads the questions.",
    };

    public static Option<bool> LaterOption() => new("--later") { Description = "With --verify: one run now, unverified; it is checked with all others by --pending." };

    public static Option<bool> PendingOption() => new("--pending") { Description = "With --verify: check all that waits, with what is asked now, in one round." };
}
