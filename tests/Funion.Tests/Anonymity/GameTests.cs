using Funion.Cli.Anonymity.Games;

namespace Funion.Tests.Anonymity;

/// <summary>
/// Every game with few rounds and fixed seeds: where the protection is off the adversary wins, where it is on he stays near a coin. The figures of the README come
/// from many more rounds (<c>funion bench anonymity</c>).
/// </summary>
public sealed class GameTests
{
    const int Rounds = 150;

    public static TheoryData<string> Promised() => new(Catalogue.Promised.Select(game => game.Name));

    [Theory]
    [MemberData(nameof(Promised))]
    public void With_protection_on_the_adversary_is_near_a_coin(string name)
    {
        GameResult result = Match.Play(Find(name), protection: true, Rounds);
        // Of 150 rounds an advantage of 0.25 is three standard deviations.
        Assert.True(result.Advantage.Value < 0.25, $"{result}");
    }

    [Theory]
    [MemberData(nameof(Promised))]
    public void With_protection_off_the_adversary_wins(string name)
    {
        GameResult result = Match.Play(Find(name), protection: false, Rounds);
        Assert.True(result.Advantage.Value > 0.5, $"{result}");
    }

    static Game Find(string name) => Catalogue.Promised.Single(game => game.Name == name);
}
