namespace Funion.Private.Planning;

/// <summary>
/// What others published of exchanged activations, to compare with. Accuracies are theirs, of their training, on CIFAR-10.
/// <list type="bullet">
/// <item>Sets and accuracies: the checkpoints of Delphi's code (github.com/mc2-project/delphi). Total: Delphi as quoted by Cheetah (Huang and others, 2022), table 7.</item>
/// <item>Bytes a ReLU: Delphi's code as measured by Cryptonite (Garimella and others, ASPLOS 2023).</item>
/// </list>
/// </summary>
/// <param name="Set">Places of the squares among the activations.</param>
/// <param name="Accuracy">Published.</param>
/// <param name="Bytes">Of both phases, published; null where nothing is.</param>
/// <param name="Seconds">Of both phases, four threads, published; null where nothing is.</param>
public sealed record PublishedSet(IReadOnlyList<int> Set, double Accuracy, double? Bytes, double? Seconds)
{
    /// <summary>Offline and online bytes of one ReLU of Delphi.</summary>
    public const int DelphiReluBytes = 19_088 + 1_184;

    /// <summary>Delphi's sets for MiniONN's network.</summary>
    public static IReadOnlyList<PublishedSet> MiniOnn { get; } =
    [
        new([], 0.8480, 3.6e9, 110),
        new([0, 2, 3], 0.8587, null, null),
        new([0, 1, 3, 5, 6], 0.8533, null, null),
        new([0, 1, 2, 3, 5, 6], 0.8306, null, null),
        new([0, 1, 2, 3, 4, 5, 6], 0.8295, null, null),
    ];
}
