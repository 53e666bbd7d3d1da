using Funion.Contracts;

namespace Funion.IntegrationTests.Ingress;

public sealed class IngressCoverageTests
{
    [Fact]
    public void The_suite_gets_every_answer_that_is_published_and_no_other()
    {
        Assert.Equal(
            OpenApi.Answers.Select(answer => answer.ToString()).Order(StringComparer.Ordinal),
            IngressCase.All.Select(one => one.Answer.ToString()).Order(StringComparer.Ordinal));
    }
}
